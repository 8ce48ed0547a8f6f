// Signed requests (docs/protocol.md), with Node.js alone.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

/** The headers that sign a request with version 2; path and query exactly as they are sent. */
export function sign({ clientId, secret, method, path, query, body, timestamp = Math.floor(Date.now() / 1000), nonce = randomBytes(16).toString('base64url') }) {
  const text = ['AUTH-HMAC-SHA256-V2', method, path, query, timestamp, nonce, clientId, createHash('sha256').update(body).digest('hex')].join('\n');
  const signature = createHmac('sha256', secret).update(text).digest('base64'); // the key is the text of the secret, whatever it looks like
  return { 'X-Client-Id': clientId, 'X-Timestamp': `${timestamp}`, 'X-Nonce': nonce, 'X-Signature': `v2=${signature}` };
}

/** Gives a `fetch` that signs, and signs afresh when the platform asks to try again: an attempt needs a time and a nonce of its own. The body is text or bytes. */
export function signing(clientId, secret, attempts = 3) {
  return async function signedFetch(address, { method = 'GET', body = '', headers, ...rest } = {}) {
    const { href, pathname: path, search } = new URL(address);
    for (let attempt = 1; ; attempt++) {
      const signed = sign({ clientId, secret, method, path, query: search.slice(1), body });
      const answer = await fetch(href, { ...rest, method, body: body || undefined, headers: { 'Content-Type': 'application/json', ...headers, ...signed } });
      if (answer.status !== 503 || attempt === attempts) {
        return answer;
      }

      await answer.body?.cancel();
      await pause(1000 * (Number(answer.headers.get('Retry-After')) || 1));
    }
  };
}
