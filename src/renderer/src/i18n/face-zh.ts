import type { ByEnrolEnd, ByFaceEnd, ByGuide } from './shape.ts';

const otherWay = '扫码一样能开门。';
/** Where it is for "my data" and there may be no network. */
const otherWayAccount = '用会员码要有网络。';

const troubleOr = (way: string) => ({
  missing: { title: '找不到相机', lead: `相机没有接好，工作人员会来处理。${way}` },
  busy: { title: '相机没能打开', lead: `相机正忙，没有拍到您。${way}` },
  denied: { title: '相机现在用不了', lead: `这台柜子还没有开启相机。${way}` },
  black: { title: '相机画面是黑的', lead: `镜头可能被挡住了，或者这里太暗。${way}` },
  frozen: { title: '相机画面停住了', lead: `画面没有动，就不能用来认人。${way}` },
  face_off: { title: '刷脸现在用不了', lead: `识别程序没有准备好。${way}` },
});

const guide = {
  starting: '相机正在打开',
  hold: '很好，请保持',
  look_again: '请再看一眼镜头',
  turn_a_little: '请把头稍微转一点',
  no_face: '请看着镜头',
  several_faces: '请一个人站在前面',
  too_far: '请靠近一点',
  cut_off: '请把脸放进圆圈',
  turned_away: '请正对镜头',
  tilted: '请把头摆正',
  too_dark: '这里有点暗，请朝亮处',
  too_bright: '光太强，请避开强光',
  blurred: '请稍微停一下，别动',
  blink: '请眨一下眼',
  turn_left: '请慢慢向左转头',
  turn_right: '请慢慢向右转头',
} as const satisfies ByGuide;

const endedOr = (way: string) =>
  ({
    not_recognised: {
      title: '这次没认出您',
      lead: `可能是光线不好，也可能还没在这台柜子登记。${way}`,
    },
    not_alive: { title: '这次没看清', lead: `光线和角度都会有影响。${way}` },
    challenge_failed: { title: '刚才的动作没看清', lead: `可以再试一次；${way}` },
    digits_wrong: { title: '号码没对上', lead: `门没有开，也没有扣款。${way}` },
    time: { title: '时间到了，还没看清', lead: `可以再试一次；${way}` },
    rate_limited: { title: '刷脸请过几分钟再试', lead: `刚才试得比较多，过几分钟就能再用。${way}` },
    ...troubleOr(way),
  }) satisfies ByFaceEnd;

/** The face screen, and what the camera screens share. A change of the sense of notice or consent is a new `faceConsentVersion`. */
export const faceZh = {
  notice: {
    title: '刷脸前，请看一眼',
    lead: '相机现在关着。点“开始刷脸”才打开，看完就关。',
    who: '谁来用：本柜运营方，柜号 {{id}}，客服 {{phone}}。',
    purpose: '做什么：只用来认出您、开这扇门。',
    way: '怎么认：画面只在这台柜子里和已登记的人脸比对，不传出去。',
    kept: '留什么：不存照片。认出您才记一条使用记录，里面没有人脸。',
    retention: '留多久：登记的人脸特征 90 天不用就删；记录留三年。',
    rights: '您的权利：可以不刷脸，扫码步骤一样多；登记过的，随时在“我的”里查看和删除。',
    age: '未满 14 岁，请用扫码。还没登记过人脸，先扫码进“我的”登记。',
    leadAccount: '用会员码要有网络；没有网络，可以刷脸。相机现在关着，点“开始刷脸”才打开，看完就关。',
    purposeAccount: '做什么：只用来认出您，让您看、让您删自己的数据。门不会开。',
    rightsAccount: '您的权利：可以不刷脸，等有网络时扫码，或打客服。认出您以后，马上能查看和删除。',
    ageAccount: '没在这台柜子登记过的人，认不出来，也什么都不留下。',
    start: '开始刷脸',
    code: '扫码开门',
    back: '返回',
  },
  guide,
  covered: {
    title: '请稍候',
  },
  looking: {
    lead: '画面只在本柜里用，不保存。',
    cancel: '取消',
    code: '改用扫码',
    progress: '识别进度',
  },
  digits: {
    title: '请输入手机号后四位',
    lead: '免得认错人，再核对一下。',
    entered: '已输入 {{count}} 位，共 4 位',
    delete: '删除一位',
    cancel: '取消',
    code: '改用扫码',
  },
  ended: {
    code: '扫码开门',
    again: '再试一次',
    back: '返回',
    words: endedOr(otherWay),
    wordsAccount: endedOr(otherWayAccount),
  },
} as const;

const enrolTrouble = {
  ...troubleOr(otherWay),
  needs_code: {
    title: '请出示“登记人脸”的码',
    lead: '在手机上点“登记人脸”，把新出的码对准扫码口。',
  },
  offline: { title: '没有网络，现在不能登记', lead: `登记要在线核对，什么都没有留下。${otherWay}` },
  refused: { title: '这次登记没有通过', lead: '什么都没有留下。请在手机上再点“登记人脸”，重新扫码。' },
  full: { title: '这台柜子的人脸已满', lead: `现在不能再登记新的人脸。${otherWay}` },
  time: { title: '时间到了，还没登记好', lead: '什么都没有留下。可以再试一次。' },
  already_enrolled: {
    title: '这张脸已经登记过了',
    lead: '什么都没有留下。如果不是您登记的，请联系客服。',
  },
  not_one_person: { title: '看到的不是同一个人', lead: '什么都没有留下。请一个人站在镜头前再试。' },
  not_alive: { title: '这次没看清', lead: '什么都没有留下。换个光线好的位置再试。' },
  trial_failed: { title: '试着认了一次，没认出来', lead: '什么都没有留下。换个光线好的位置再登记一次。' },
  failed: { title: '没能保存', lead: '什么都没有留下。请再试一次，或者联系客服。' },
} as const satisfies ByEnrolEnd;

/** "My data". */
export const accountZh = {
  open: '我的',
  byFace: '改用刷脸',
  menu: {
    title: '我的数据',
    lead: '{{member}}，柜门一直关着。',
    leadByFace: '认出您了，柜门一直关着。',
    face: '我的人脸',
    none: '还没有登记。登记以后，看一眼就能开这台柜子。',
    off: '这台柜子现在不能刷脸，暂时不能登记。',
    noneByFace: '这台柜子里没有您的人脸了。以后要登记，请在有网络时扫码进“我的”。',
    since: '登记时间',
    used: '上次使用',
    neverUsed: '还没用过',
    expires: '到期自动删除',
    version: '同意书版本',
    enrol: '登记人脸',
    withdraw: '删除我的人脸',
    records_one: '人脸使用记录（{{count}} 条）',
    records_other: '人脸使用记录（{{count}} 条）',
    done: '完成',
  },
  consent: {
    title: '要登记人脸吗？',
    lead: '需要您单独同意。不同意也没关系：扫码开门，步骤一样多。',
    scroll: '告知书',
    who: '本柜运营方，柜号 {{id}}。联系电话：{{phone}}。',
    purpose:
      '用人脸认出您，开这台柜子的门，并记到您的账户；没有网络时，也让您看、让您删自己的数据。不作别的用途。',
    sensitive: '人脸是敏感个人信息，一旦泄露可能影响您的安全，所以加密后只放在这台柜子里。',
    way: '现在看您几次，算出一组数字（人脸特征）。刷脸时拿它比对。不存照片，什么都不离开这台柜子。',
    retention: '90 天没用就自动删除，您也可以马上删。人脸使用记录里没有人脸，保存三年。',
    rights:
      '随时可以在这里撤回同意、删除人脸、查看和带走人脸使用记录，也可以打电话。不同意或撤回，都照样扫码开门，步骤一样多。',
    age: '未满 14 岁不能登记。',
    version: '文本版本 {{version}}',
    agreeTick: '我看过了，同意用我的人脸开门',
    ageTick: '我已满 14 岁',
    agree: '同意',
    hint: '两项都勾选后，才能继续。',
    refuse: '不同意',
  },
  capture: {
    lead: '不存照片，只留一组数字。',
    taken: '已看 {{taken}} 次，共 {{wanted}} 次',
    cancel: '不登记了',
  },
  trial: { lead: '试一次：像开门时那样看一眼。' },
  enrolled: { title: '登记好了', lead: '下次点“刷脸开门”，看一眼就行。随时可以在“我的”里删除。' },
  ended: { again: '再试一次', menu: '返回', words: enrolTrouble },
  withdraw: {
    title: '真的要删除吗？',
    lead: '马上从这台柜子里删掉您的人脸，找不回来。以后扫码一样开门。',
    yes: '删除',
    no: '不删',
  },
  withdrawn: { title: '已经删除', lead: '您的人脸已经不在这台柜子里了。以后扫码开门。' },
  withdrawFailed: {
    title: '还没有删掉',
    lead: '柜子没能完成删除，您的人脸还在。请再试一次，或者打客服 {{phone}}，柜号 {{id}}。',
    again: '再试一次',
  },
  records: {
    title: '人脸使用记录',
    lead: '对您的人脸数据做过什么，都在这里。记录里没有人脸。',
    leadPart: '您的人脸数据一共 {{all}} 条记录，这里是最近的 {{shown}} 条。记录里没有人脸。',
    none: '还没有记录。',
    list: '人脸使用记录',
    qr: '扫一扫，带走全部记录',
    qrLabel: '全部人脸使用记录的二维码',
    qrPart: '扫一扫，带走最近的 {{taken}} 条（共 {{all}} 条）。要全部记录，请打客服 {{phone}}。',
    qrPartLabel: '最近 {{taken}} 条人脸使用记录的二维码，共 {{all}} 条',
    kinds: {
      consented: '您同意了登记',
      enrolled: '登记了人脸',
      used: '刷脸认出了您',
      improved: '更新了人脸特征',
      withdrawn: '您撤回同意，人脸已删除',
      expired: '太久没用，人脸已删除',
      exported: '查看了人脸使用记录',
    },
  },
  back: '返回',
} as const;
