import type { MemberMessage } from '../model/message.schema.ts';
import type { Language } from './language.ts';

/**
 * What a message says by itself, in the member's language, above whatever its writer has added: what the member's page shows,
 * and the console before it is sent. `free` has the writer's own words alone.
 */
export const messageWords: Readonly<Record<Language, Readonly<Record<MemberMessage['template'], string>>>> = {
  zh: {
    free: '',
    looked_at: '您报告的问题我们已经核对过了。',
    charged_by_hand: '您有一次购物没有收到账单，我们已经按当时的价格补上了。',
    money_back: '有一笔钱会退还给您，一般几天内到账。',
    account_needed: '您的付款账户扣不了款，请看一下您的付款方式。',
    sorry: '这次出了差错，我们很抱歉。',
  },
  en: {
    free: '',
    looked_at: 'We have looked at what you reported.',
    charged_by_hand: 'No bill had come of one of your visits; we have made it, at the prices of then.',
    money_back: 'Money goes back to you; as a rule it arrives within a few days.',
    account_needed: 'Your account could not be debited. Please look at how you pay.',
    sorry: 'Something went wrong here, and we are sorry.',
  },
};
