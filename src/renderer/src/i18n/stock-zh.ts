/** Service mode: what lies in the cabinet. */
export const stockZh = {
  part: { stock: '现在', differences: '对不上的' },
  differences: {
    none: '到现在为止，每次清点都对得上。',
    lead: '开门之前清点时少了或多了的商品。不记在任何顾客的账上。',
    when: '{{from}} 到 {{to}} 之间',
    between: '其间开过门 {{count}} 次：{{who}}',
    staff: '工作人员 {{staffNo}}',
    nobody: '其间没有人开过门',
  },
};
