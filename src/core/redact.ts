const USERINFO = /([a-z][a-z0-9+.-]*:\/\/)[^/?#\s]+@/gi;
const SECRET_QUERY = /([?&](?:[a-z_-]*(?:token|signature|secret|password|key)[a-z_-]*)=)[^&\s]+/gi;
const BEARER = /\b(Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{6,}/g;

/** Removes what may be a credential (user info and secret query values of URLs, authorization values) from a text. */
export function redact(text: string): string {
  return text.replace(USERINFO, '$1***@').replace(SECRET_QUERY, '$1***').replace(BEARER, '$1 ***');
}
