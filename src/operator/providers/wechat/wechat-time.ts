/** WeChat's times are those of Beijing, which has had no summer time since 1992. */
const beijingMs = 8 * 3_600_000;

/** Wall time (ms) as yyyyMMddHHmmss. */
export function wechatTime(atMs: number): string {
  return new Date(atMs + beijingMs).toISOString().replaceAll(/\D/g, '').slice(0, 14);
}

/** Wall time (ms) of a yyyyMMddHHmmss; null: it is none (a day, `OnAccept`, nothing). */
export function parseWechatTime(text: string | undefined): number | null {
  const [, day = '', time = ''] = /^(\d{8})(\d{6})$/.exec(text ?? '') ?? [];
  const iso = `${day.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`;
  const atMs = Date.parse(iso);
  return Number.isNaN(atMs) ? null : atMs - beijingMs;
}
