/** Service mode: what is sent to whoever mends cabinets from afar. */
export const serviceSupportZh = {
  effect:
    '把这台柜子的情况打成一个求助包：日志、版本、设备、设置、自检结果、未完成扣款的笔数。里面没有人脸、码、密钥和顾客的名字。',
  toOperator: '发给运营方',
  toStick: '存到 U 盘',
  noNetwork: '现在没有连接网络，请存到 U 盘。',
  failure: {
    no_stick: '没有找到 U 盘。请插上 U 盘，等几秒再试。',
    many_sticks: '插着不止一个 U 盘。请只留一个。',
    stick_unsafe: 'U 盘上的文件名被占用，或位置不对。请换一个 U 盘。',
    stick_full: 'U 盘满了。请腾出空间，或换一个。',
    stick_read_only: 'U 盘不能写入。请打开写保护开关，或换一个。',
    stick_pulled: 'U 盘没有答复，可能被拔下了。请重新插上再试。',
    stick_failed: '没有写成。请换一个 U 盘再试。',
    not_made: '求助包没有做成。请重启柜子再试，或打电话求助。',
    offline: '没有联系上运营方。请检查网络，或存到 U 盘。',
    operator_refused: '运营方没有收下。请存到 U 盘，并打电话求助。',
    operator_has_enough: '今天运营方已经收了很多。请打电话求助，或存到 U 盘。',
  },
} as const;
