/**
 * Texts in a program that tell what it will look for on the system. The names of functions stay in Go's programs when they
 * are stripped.
 */
export const WISH_TEXTS = {
  certificateFile: 'ca-certificates.crt',
  certificateVariable: 'SSL_CERT_FILE',
  zones: '/usr/share/zoneinfo',
  /** Its end is in it, because every program of Go that tells the time has a function of a longer name. */
  goZone: 'time.LoadLocation\0',
  goZonesInside: 'time/tzdata.',
} as const;

const TLS_LIBRARY = /^lib(ssl|curl|curl-gnutls|gnutls|nss3|mbedtls|wolfssl)\.so/;

/** Whether a library speaks TLS, by its name. */
export function isTlsLibrary(name: string): boolean {
  return TLS_LIBRARY.test(name);
}

/**
 * What shows that a program speaks TLS to others and takes the certificates of the system; nothing if nothing does.
 * @param needed names of its libraries
 * @param texts those of {@link WISH_TEXTS} that are in it
 */
export function certificatesWish(needed: readonly string[], texts: ReadonlySet<string>): string | undefined {
  const library = needed.find(isTlsLibrary);
  if (library !== undefined) return `needs ${library}`;
  const { certificateFile, certificateVariable } = WISH_TEXTS;
  const text = [certificateFile, certificateVariable].find((candidate) => texts.has(candidate));
  return text === undefined ? undefined : `holds the name ${text}`;
}

/** What shows that a program shows local times with the time zones of the system; nothing if nothing does. */
export function timeZonesWish(isGo: boolean, texts: ReadonlySet<string>): string | undefined {
  const text = isGo ? WISH_TEXTS.goZone : WISH_TEXTS.zones;
  if (!texts.has(text) || (isGo && texts.has(WISH_TEXTS.goZonesInside))) return undefined;
  return isGo ? `calls ${text.replace('\0', '')}` : `holds the path ${text}`;
}
