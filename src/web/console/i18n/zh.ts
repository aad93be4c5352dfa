import type { FailedCode } from './failed-code.ts';

/** What is said when a call came to nothing. */
const failed: Readonly<Record<FailedCode, string>> = {
  bad_request: '填写的内容不对，请检查后再试。',
  unauthenticated: '登录已结束，请重新登录。',
  forbidden: '您的角色不能做这件事。',
  other_origin: '页面太旧了，请刷新后再试。',
  not_found: '没有找到。',
  conflict: '情况已经变了，什么都没有做。请看看现在的样子。',
  too_large: '内容太长了，请缩短后再试。',
  too_many: '试得太频繁了，请稍等一会儿再试。',
  unavailable: '服务暂时用不了，请稍后再试。',
  internal: '服务出了问题，什么都没有做。请稍后再试；一直这样请找技术人员看日志。',
  unreachable: '连不上服务。请检查网络后再试。',
};

/** The tree of all that the console says; en.ts must match it to compile. */
export const zh = {
  title: '开门客服台',
  failed,
  retryIn: (seconds: number) => `请过 ${seconds} 秒再试。`,
  retry: '再试一次',
  loading: '正在读取…',
  settings: {
    language: '语言',
    theme: '明暗',
    themes: { system: '跟随系统', day: '浅色', night: '深色' },
  },
  signIn: {
    heading: '登录',
    lead: '开门客服台，只给工作人员使用。',
    name: '用户名',
    password: '密码',
    code: '验证码',
    codeHint: '身份验证器上的 6 位数字；手机不在身边可用一个恢复码。',
    submit: '登录',
    wrong: '用户名、密码或验证码不对。',
    again: '登录已过期',
    againLead: (name: string) => `请以 ${name} 的身份重新登录。刚才填写的内容都还在。`,
    noAccount: '第一次来？请用管理员给您的一次性链接。',
  },
};
