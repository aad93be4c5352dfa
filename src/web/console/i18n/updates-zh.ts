import type { RollOutState } from '../../../shared/console/updates.schema.ts';

const states: Readonly<Record<RollOutState, string>> = {
  have: '已在运行',
  trying: '正在试运行',
  installed: '装好了，等没人的时候切换',
  fetching: '正在下载',
  waiting: '还没开始',
  failed: '失败了',
  silent: '从没报告过',
};

/** The cabinet's own words for why it has failed; another one stands there as it came. */
const why: Readonly<Record<string, string>> = {
  unreachable: '连不上',
  silent: '服务器不再发数据',
  slow: '线路太慢',
  busy: '服务器忙',
  elsewhere: '被引到别的地方（登录页或代理）',
  untrusted: '签名不对',
  missing: '没有这个版本',
  disk: '磁盘写不下',
  failed_before: '已失败三次，不再试',
};

/** Kinds of devices; another one stands there as it came. */
const kind: Readonly<Record<string, string>> = {
  lock: '门锁',
  'door-sensor': '门磁',
  'tag-reader': '识别设备',
  'code-scanner': '扫码器',
  scale: '电子秤',
  light: '灯',
  visits: '开门购物',
  thermometer: '温度计',
};

export const updatesZh = {
  heading: '软件更新',
  lead: '哪些柜子要运行哪个版本，走到哪一步。版本本身在别处签名；这里只在签过名的里面选。',
  wanted: (release: string) => `要运行 ${release}`,
  nothing: '没有要运行的版本',
  nothingHow: '柜子保持现在的版本。',
  share: (percent: number) => `给全部柜子的 ${percent}%`,
  anyTime: '任何时候都可以切换',
  within: (windows: string) => `只在 ${windows}（柜子当地时间）切换`,
  until: (time: string) => `有效期到 ${time}`,
  paused: '已暂停',
  running: '进行中',
  progress: '轮到的柜子',
  states,
  versions: '现在的版本',
  version: '版本',
  unknownVersion: '没有报告',
  inTurn: '轮到的',
  others: '其他',
  usefulness: '设备好不好用',
  usefulnessLead:
    '换了版本以后的 20 次购物，和以前的 20 次比：有没有用上每个设备。不到以前的一半算变差；至少两台柜子、占十分之一变差，就自动暂停。' +
    '连着 20 个人都不是因为自己而被挡在门外，或者四天没有人来、也不短于以前来 20 次的时间，“开门购物”也算变差。',
  kind,
  stopped: (device: string, worse: number, judged: number, at: string) =>
    `${at} 自动暂停：${device}在 ${judged} 台柜子里有 ${worse} 台变差。`,
  stoppedHow: '请看看这些柜子，再决定继续还是撤回。继续以后，这个版本不会再自动暂停。',
  stoppedOver: '有人看过以后让它继续了。',
  nobodyJudged: '还没有柜子购物满 20 次。',
  worseOf: (worse: number, judged: number) => `${judged} 台里 ${worse} 台变差`,
  failures: '在哪里失败了',
  noFailures: '没有失败的报告。',
  failedAt: (cabinet: string, release: string, times: number) => `${cabinet}：${release}，失败 ${times} 次`,
  why,
  pinned: '单独指定的柜子',
  pinnedLead: '它们不跟随整体，只运行为它指定的版本。',
  noPinned: '没有，全部跟随整体。',
  pinnedTo: (cabinet: string, release: string) => `${cabinet} 运行 ${release}`,
  withdrawn: '撤回的版本',
  order: '安排版本',
  pause: '暂停',
  resume: '继续',
  withdraw: '撤回',
  pin: '单独指定',
  unpin: '重新跟随',
  pinWhich: '柜子编号',
  badCabinet: '这不是柜子编号：只能用字母、数字和连字符。',
  release: '版本',
  releaseHint: '例如 1.2.0；要已经签名发布',
  percent: '给多少柜子（%）',
  percentHint: '哪些柜子由版本决定，不会变',
  windows: '什么时候切换',
  windowsHint: '例如 02:00-05:00；不填就是任何时候',
  days: '有效天数',
  daysHint: '1 到 365；断网更久的柜子不会按旧安排开始',
};
