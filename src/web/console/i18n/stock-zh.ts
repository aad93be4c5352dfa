/** What lies in a cabinet. */
export const stockZh = {
  goods: '商品数量',
  heading: (cabinetId: string) => `${cabinetId} 里的商品`,
  lead: '柜子自己报告的数量。开门前就少了或多了的商品，不记在任何顾客的账上。',
  counted: (counted: string, received: string) => `清点于 ${counted}，报告于 ${received}`,
  nothing: '这台柜子还没有报告过商品。',
  lane: (lane: number) => `第 ${lane} 道`,
  pieces: (count: number) => `${count} 件`,
  differences: '数量不对的商品',
  none: '没有。',
  between: (from: string, to: string) => `${from} 到 ${to} 之间`,
  nobody: '其间没有人开过门',
  opened: (count: number) => `其间开过门 ${count} 次：`,
  staff: (staffNo: string) => `工作人员 ${staffNo}`,
};
