import type { SettingWords } from './settings-shape.ts';

/** The settings that people may change, in words: at the cabinet and in the console. */
export const settingsZh = {
  name: {
    language: '屏幕的语言',
    soundPercent: '声音大小',
    servicePhone: '客服电话',
    knock: '进入维护的暗号',
    coolingMaxMilliC: '温度上限',
    coolingForMinutes: '超温多久停售',
    faceCamera: '人脸摄像头',
    faceRotation: '人脸画面转正',
    identifySeconds: '等顾客出示会员码',
    openDoorSeconds: '开锁后等拉门',
    ajarSeconds: '开着门没动静，多久提醒',
    receiptSeconds: '小票停留',
  },
  effect: {
    language: '每位顾客来时看到的语言。顾客自己可以换，走了以后换回来。',
    soundPercent: '提示音的大小。0 是没有声音：门没关好也不再响。',
    servicePhone: '屏幕和小票上请顾客打的号码。写错了，顾客就找不到人。',
    knock: '依次点屏幕的这些角，就出现输入工号的画面。旧的暗号马上不管用；忘了可以用维护卡进来。',
    coolingMaxMilliC:
      '里面高于它、超过规定的时间，就停售，要有人看过商品才恢复。不设上限，柜子从不因为温度停售。',
    coolingForMinutes: '高于上限这么久，就停售，要有人看过商品才恢复。',
    faceCamera: '用哪个摄像头看脸：名称或编号。不指定，就用唯一的那个。',
    faceRotation: '摄像头侧着装时，把画面转正。不指定，柜子自己找。',
    identifySeconds: '没有人出示会员码，这么久以后回到首页。',
    openDoorSeconds: '锁开了没有人拉门，这么久以后当作没开，不收钱。',
    ajarSeconds: '门开着、没有东西动，这么久以后屏幕先提醒；再过 90 秒叫人来。',
    receiptSeconds: '没有人碰屏幕，小票这么久以后消失。',
  },
  value: {
    zh: '中文',
    en: '英文',
    topLeft: '左上',
    topRight: '右上',
    bottomRight: '右下',
    bottomLeft: '左下',
  },
  nothing: {
    coolingMaxMilliC: '不设上限',
    faceCamera: '不指定',
    faceRotation: '不指定',
  },
  unit: { seconds: '秒', minutes: '分钟' },
  takes: { now: '马上生效', restart: '程序重启后生效' },
  why: {
    begin: '改之前的样子',
    here: '在柜子上改的',
    undo: '在柜子上退回的',
    operator: '运营方改的',
    elsewhere: '在别处改的（配置文件，或柜子自己找到的）',
  },
} as const satisfies SettingWords;
