#!/usr/bin/env python3
"""From a signed request to a verified token, with the standard library only.

    python3 samples/python/quickstart.py

It asks `dotnet user-secrets` for the bootstrap application's secret, so that it runs as it is beside a platform started with
`dotnet run --project AuthPlatform.AppHost`. GATEWAY_URL, AUTHPLATFORM_CLIENT_ID and AUTHPLATFORM_CLIENT_SECRET in the environment
name another platform, or another application and its secret.
"""
import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

GATEWAY = os.environ.get("GATEWAY_URL", "http://localhost:8080").rstrip("/")
CLIENT_ID = os.environ.get("AUTHPLATFORM_CLIENT_ID", "quickstart")

# The path of a public address that has one (https://example.com/id): it is sent and signed in front of each path.
PREFIX = urllib.parse.urlsplit(GATEWAY).path

# A proxy of the environment is for other machines: what it calls localhost is itself.
LOCAL = urllib.parse.urlsplit(GATEWAY).hostname in ("localhost", "127.0.0.1", "::1")
OPENER = urllib.request.build_opener(*[urllib.request.ProxyHandler({})] if LOCAL else [])


def client_secret():
    """The secret is never a command-line argument: those are visible to every process on the machine."""
    if "AUTHPLATFORM_CLIENT_SECRET" in os.environ:
        return os.environ["AUTHPLATFORM_CLIENT_SECRET"]
    project = os.path.join(os.path.dirname(__file__), "..", "..", "AuthPlatform.AppHost")
    try:
        listing = subprocess.run(["dotnet", "user-secrets", "list", "--project", project], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        sys.exit("No secret: set AUTHPLATFORM_CLIENT_SECRET, or put dotnet on PATH, which knows that of the bootstrap application.")
    found = re.search(r"^Parameters:bootstrap-client-secret = (.+)$", listing.stdout, re.MULTILINE)
    if not found:
        sys.exit("No secret: set AUTHPLATFORM_CLIENT_SECRET, or start the platform once with `dotnet run --project AuthPlatform.AppHost`.")
    return found[1].strip()


def hmac_base64(secret, message):
    """The key is the UTF-8 bytes of the secret string, whatever it looks like."""
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def signed_v2(secret, path, members):
    """Version 2: the signature covers method, path, query, time, a nonce, the client and the body."""
    body = json.dumps(members).encode()
    timestamp, nonce = str(int(time.time())), secrets.token_urlsafe(16)
    text = "\n".join(["AUTH-HMAC-SHA256-V2", "POST", PREFIX + path, "", timestamp, nonce, CLIENT_ID, hashlib.sha256(body).hexdigest()])
    headers = {"X-Client-Id": CLIENT_ID, "X-Timestamp": timestamp, "X-Nonce": nonce, "X-Signature": "v2=" + hmac_base64(secret, text.encode())}
    return path, body, headers


def signed_v1(secret, path, members):
    """Version 1, of the older service: the body carries the timestamp, and the signature covers the body's bytes."""
    body = json.dumps({**members, "timestamp": int(time.time())}).encode()
    return path, body, {"X-Client-Id": CLIENT_ID, "X-Signature": hmac_base64(secret, body)}


class Refused(SystemExit):
    """An answer that is a refusal. It ends the program with this text, unless somebody knows what to do about its code."""

    def __init__(self, path, status, answer):
        super().__init__(f"{path} answered {status}: {answer}")
        found = re.search(r'"code" *: *"(\w+)"', answer)
        self.problem = found and found[1]


def call(path, body=None, headers=None):
    request = urllib.request.Request(GATEWAY + path, body, {**(headers or {}), "Content-Type": "application/json"})
    try:
        with OPENER.open(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Refused(path, error.code, error.read().decode(errors="replace")) from None
    except (OSError, http.client.HTTPException) as error:  # also one that ends, or says nothing more, in the middle of its answer
        sys.exit(f"{GATEWAY} does not answer ({getattr(error, 'reason', error)}). Is the platform running?")


def show_v1(secret, user):
    """Applications that came from the older service may still sign like this; others are told that it is too old."""
    try:
        issued = call(*signed_v1(secret, "/auth/token", user))
    except Refused as refused:
        if refused.problem != "signature_version_too_old":
            raise
        print("v1: skipped, this application takes version 2 signatures only")
        return
    verified = call(*signed_v1(secret, "/auth/verify", {"token": issued["access_token"]}))
    # By its other token: the same body would be the same signature, which is good at one endpoint only.
    call(*signed_v1(secret, "/auth/revoke", {"token": issued["refresh_token"]}))
    print(f"v1: token issued, verified and revoked, signed by {verified['kid']}")


def main():
    secret = client_secret()
    # Nobody's name: a sign-in ends the session that the same user has on the same device.
    user = {"unique_key": "quickstart-user", "device": "quickstart", "ip": "203.0.113.7"}
    issued = call(*signed_v2(secret, "/auth/token", user))
    verified = call(*signed_v2(secret, "/auth/verify", {"token": issued["access_token"]}))
    print(f"v2: token issued and verified, signed by {verified['kid']}, good for {verified['expires_in']} s")
    print("claims:", json.dumps(verified["payload"], indent=2, ensure_ascii=False))
    refreshed = call(*signed_v2(secret, "/auth/refresh", {"token": issued["refresh_token"]}))
    print(f"refreshed: the same session {refreshed['session_id']}, new tokens")
    revoked = call(*signed_v2(secret, "/auth/revoke", {"token": [issued["access_token"], refreshed["access_token"]]}))
    print(f"revoked: {revoked['deleted_count']} session, both its access tokens are refused from now on")
    keys = call(f"/auth/{CLIENT_ID}/jwks")["keys"]
    print("jwks:", ", ".join(key["kid"] + (" (signed this token)" if key["kid"] == issued["kid"] else "") for key in keys))
    show_v1(secret, user)


if __name__ == "__main__":
    main()
