import { Gift, Tag } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { ruleText, scheduleText } from '../../../../shared/i18n/promotions.ts';
import type { ShownPromotion } from '../../../../shared/model/visit.schema.ts';
import { minor } from '../../../../shared/money.ts';
import { useKiosk, useMoney, useText } from '../../kiosk/context.ts';
import { Banner } from '../../ui/banner.tsx';

/** So many stand on the start screen; of more it says how many. */
const promotionsShown = 2;

/** What is on now, calmly: what it takes off, and until when. Nothing when nothing is. */
export function PromotionsBanner() {
  const { promotions } = useKiosk().snapshot;
  const { t } = useTranslation();
  const text = useText();
  const free = promotions.find(({ rule }) => rule.kind === 'free');
  if (free !== undefined)
    return (
      <Banner tone="jade" icon={Gift}>
        <span data-testid="attract-free" className="block font-bold">
          {text(free.name)}
        </span>
        {t('promotions.freeNow')}
      </Banner>
    );
  const shown = promotions.slice(0, promotionsShown);
  if (shown.length === 0) return null;
  return (
    <Banner tone="jade" icon={Tag}>
      <ul data-testid="attract-promotions" aria-label={t('promotions.now')}>
        {shown.map((one) => (
          <Row key={one.id} promotion={one} />
        ))}
      </ul>
      {promotions.length > shown.length && (
        <p className="text-small big:landscape:hidden">
          {t('promotions.more', { count: promotions.length - shown.length })}
        </p>
      )}
    </Banner>
  );
}

function Row({ promotion: { name, rule, schedule } }: { promotion: ShownPromotion }) {
  const { t } = useTranslation();
  const { snapshot, language } = useKiosk();
  const text = useText();
  const money = useMoney();
  const nameOf = (sku: string): string => {
    const product = snapshot.products.find((one) => one.sku === sku);
    return product === undefined ? sku : text(product.name);
  };
  const speech = {
    money: (amountMinor: number) => money(minor(amountMinor)).text,
    nameOf,
    meansOf: (means: keyof typeof meansKeys) => t(`receipt.means.${means}`),
  };
  const when = scheduleText(schedule, language);
  return (
    <li className="overflow-hidden leading-snug">
      <strong>{text(name)}</strong>
      <span className="ml-14 text-small landscape:hidden big:hidden">{ruleText(rule, speech, language)}</span>
      {when !== '' && (
        <span className="ml-14 text-small whitespace-nowrap text-soft big:landscape:hidden">{when}</span>
      )}
    </li>
  );
}

const meansKeys = { wechat_pay: 1, alipay: 1, unionpay: 1, card: 1, balance: 1, simulated: 1 } as const;
