/**
 * Whether the host name of a URL is loopback: the machine that opens the URL.
 *
 * @param hostname as `URL` writes it: lower-case, IPv6 in brackets
 */
export function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
