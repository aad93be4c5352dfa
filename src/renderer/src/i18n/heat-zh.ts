/** The map of what each antenna hears, and what the reader carries. */
export const heatZh = {
  about: '每根天线读到各货位标签的次数。0 表示没有读到。',
  place: '货位',
  reads: '次数',
  antenna: '天线 {{antenna}}',
  unknown: '不认识的标签',
  fits: '容量够用：关门后 {{seconds}} 秒内能跟上 {{carried}} 个标签，现有 {{tags}} 个，还能再放 {{left}} 个。',
  tooMany:
    '标签偏多：关门后 {{seconds}} 秒内只能跟上 {{carried}} 个标签，现有 {{tags}} 个，多了 {{left}} 个，结算会变慢。',
} as const;
