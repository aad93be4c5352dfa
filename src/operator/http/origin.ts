/** Where a request comes from, as limits see it. Of IPv4 both are the address itself. */
export interface Origin {
  /** What counts as one address: of IPv6 the first 64 bits, because whoever has one of these has them all (RFC 6177). */
  readonly address: string;
  /** What one site has at most: of IPv6 the first 48 bits, in which there are 65,536 of the above (RFC 6177). */
  readonly network: string;
}

/** Reads the address that a connection comes from; unknown text is its own key. */
export function originOf(ip: string): Origin {
  const groups = ip.includes(':') ? groupsOf(ip) : null;
  if (groups === null) return { address: ip, network: ip };
  // An IPv4 address within an IPv6 one (::ffff:0:0/96, RFC 4291): the same one as without.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const bytes = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]);
    return { address: bytes.join('.'), network: bytes.join('.') };
  }
  const prefix = (count: number): string =>
    groups
      .slice(0, count)
      .map((group) => group.toString(16))
      .join(':');
  return { address: prefix(4), network: prefix(3) };
}

/**
 * Whether an address is many people's: of this machine (all of 127.0.0.0/8, and ::1, which is alone in its /64, RFC 4291), or of
 * a proxy that we are told of. `proxies`: their addresses.
 */
export function sharedAddresses(proxies: readonly string[]): (address: Origin['address']) => boolean {
  const known = new Set(proxies.map((ip) => originOf(ip).address));
  return (address) => address.startsWith('127.') || address === '0:0:0:0' || known.has(address);
}

/** The eight numbers of an IPv6 address; null: it is none. */
function groupsOf(ip: string): number[] | null {
  // Without the name of an interface (fe80::1%eth0, RFC 4007); as a URL all are written in one way.
  const url = `http://[${ip.split('%')[0]}]`;
  if (!URL.canParse(url)) return null;
  const [head = '', tail] = new URL(url).hostname.slice(1, -1).split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => parseInt(group, 16));
  const [first, last] = [read(head), read(tail ?? '')];
  // Zeros stand where the two colons are.
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}
