/** Service mode: what lies in the cabinet. */
export const stockZh = {
  part: { stock: '现在', dates: '保质期', differences: '对不上的' },
  dates: {
    lead: '放进去的商品好到哪一天。过期的请取出；有条码的商品可以直接扫。',
    add: '记一批保质期',
    none: '还没有记过保质期。',
    which: '哪种商品？也可以把条码放到扫码口前。',
    day: '{{name}}：保质期到（年月日，如 {{sample}}）',
    count: '{{name}}，到 {{day}}：放进几件？',
    remove: '已取出',
    expired: '{{day}} 已过期，请取出',
    soon: '{{day}} 到期',
    good: '好到 {{day}}',
    noProduct: '没有商品用这个条码：{{text}}',
    refused: {
      past: '这一天已经过了，不能放进去卖。',
      far: '这一天太远，请再看一下。',
      full: '记的批次太多，请先清掉已取出的。',
      unknown: '没有这么多，或没有这种商品。',
      storage: '没有记下来，请再试一次。',
    },
  },
  differences: {
    none: '到现在为止，每次清点都对得上。',
    lead: '开门之前清点时少了或多了的商品。不记在任何顾客的账上。',
    when: '{{from}} 到 {{to}} 之间',
    between: '其间开过门 {{count}} 次：{{who}}',
    staff: '工作人员 {{staffNo}}',
    nobody: '其间没有人开过门',
  },
};
