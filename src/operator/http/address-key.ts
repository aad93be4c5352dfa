/**
 * What counts as one address for a limit: an IPv4 address, or the first 64 bits of an IPv6 one, because whoever has one
 * of these has them all (RFC 6177). Unknown text is its own key.
 */
export function addressKey(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!ip.includes(':')) return ip;
  const [head = '', tail] = ip.split('::');
  const groups = head === '' ? [] : head.split(':');
  // Zeros stand where the two colons are; what comes behind them matters only when it reaches into the first half.
  const behind = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - behind.length;
  const all = [...groups, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...behind];
  return all.slice(0, 4).join(':');
}
