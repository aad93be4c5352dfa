/** Alipay's times are those of Beijing, which has had no summer time since 1992. */
const beijingMs = 8 * 3_600_000;

/** Wall time (ms) as yyyy-MM-dd HH:mm:ss. */
export function alipayTime(atMs: number): string {
  return new Date(atMs + beijingMs).toISOString().slice(0, 19).replace('T', ' ');
}
