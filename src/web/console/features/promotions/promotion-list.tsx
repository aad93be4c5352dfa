import { useSettings } from '../../base/settings.tsx';
import { useFormat } from '../../base/format.ts';
import { useWords } from '../../i18n/words.ts';
import { Chip } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import type { PromotionList, TriedPromotions } from '../../../../shared/console/promotions.schema.ts';
import { ruleText, scheduleText } from '../../../../shared/i18n/promotions.ts';
import type { Promotion } from '../../../../shared/model/promotion.schema.ts';

/** Each with what it does, when and where, and what is wrong with it. `onEdit` null: this person may not. */
export function PromotionRows({
  of,
  promotions,
  tried,
  onEdit,
  onRemove,
}: {
  of: PromotionList;
  promotions: readonly Promotion[];
  tried: TriedPromotions | null;
  onEdit: ((promotion: Promotion) => void) | null;
  onRemove: (promotion: Promotion) => void;
}) {
  const words = useWords().promotions;
  const { language } = useSettings();
  const { money } = useFormat();
  if (promotions.length === 0) return <p className="text-label text-soft">{words.none}</p>;
  const speech = {
    money: (amountMinor: number) => money(amountMinor, of.currency),
    nameOf: (sku: string) => of.goods.find((one) => one.sku === sku)?.name[language] ?? sku,
    meansOf: (means: keyof typeof words.meansOf) => words.meansOf[means],
  };
  return (
    <ul className="flex flex-col divide-y divide-line">
      {promotions.map((promotion) => {
        const { id, name, rule, schedule, cabinets } = promotion;
        const wrong = tried?.problems.filter((one) => one.id === id) ?? [];
        const when = scheduleText(schedule, language);
        return (
          <li key={id} className="flex flex-wrap items-start justify-between gap-2 py-3">
            <div className="min-w-0 grow basis-60">
              <p className="flex flex-wrap items-center gap-2 font-semibold">
                {name[language]} <span className="text-small font-normal text-soft">{id}</span>
                {tried?.on.includes(id) === true && <Chip look="good">{words.isOn}</Chip>}
              </p>
              <p className="text-label">{ruleText(rule, speech, language)}</p>
              <p className="text-label text-soft">
                {when === '' ? words.always : when}
                {' · '}
                {cabinets.length === 0 ? words.everywhere : words.at(cabinets.join(', '))}
              </p>
              {wrong.map(({ problem, about }) => (
                <p key={`${problem} ${about}`} className="text-label text-cinnabar-ink">
                  {words.problems[problem]} ({about})
                </p>
              ))}
            </div>
            {onEdit !== null && (
              <span className="flex gap-2">
                <Button
                  aria-label={`${words.edit}: ${id}`}
                  onPress={() => {
                    onEdit(promotion);
                  }}
                >
                  {words.edit}
                </Button>
                <Button
                  aria-label={`${words.remove}: ${id}`}
                  onPress={() => {
                    onRemove(promotion);
                  }}
                >
                  {words.remove}
                </Button>
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
