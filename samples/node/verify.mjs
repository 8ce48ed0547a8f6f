import { createRemoteJWKSet, jwtVerify } from 'jose'; // npm install jose

/** Gives a function that gives the claims of an access token, or throws. */
export function accessTokens(issuer, clientId) {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`), {
    cacheMaxAge: 300_000,  // milliseconds; or a revoked key is good for ten minutes
  });
  return async token => (await jwtVerify(token, keys, {
    issuer,                // https://auth.example.com/auth/shop
    audience: clientId,    // shop, or the client id of a resource server that shop names
    algorithms: ['RS256'],
    typ: 'at+jwt',         // access tokens only (RFC 9068 §4); 'JWT' in the seed profile
    clockTolerance: 30,    // seconds
  })).payload;
}
