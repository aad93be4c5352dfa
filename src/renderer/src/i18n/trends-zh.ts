/** Charts of how a cabinet has fared. */
export const trendsZh = {
  title: '运行情况',
  reads: { name: '读取', words: '{{span}}内每秒读标签：{{low}} 到 {{high}} 次' },
  queue: { name: '待结', words: '{{span}}内未结清扣款：{{low}} 到 {{high}} 笔' },
  queueAge: { name: '等待', words: '{{span}}内最早一笔等了：{{low}} 到 {{high}} 分钟' },
  answer: { name: '运营方', words: '{{span}}内运营方答复用时：{{low}} 到 {{high}} 毫秒' },
  sales: { name: '销售', words: '{{span}}：{{count}} 次购买，{{money}}' },
  days: '14 天',
  weeks: '8 周',
} as const;
