import { Minus, Plus } from 'lucide-react';
import { useState } from 'react';
import { Input } from 'react-aria-components';
import { pieceCountMax } from '../../../../shared/model/basket.ts';
import { ownOf } from '../../../../shared/util/own.ts';
import type { VisitGoods } from '../../../../shared/console/visits.schema.ts';
import { useFormat } from '../../base/format.ts';
import { useSettings } from '../../base/settings.tsx';
import { useWords } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** How many of each article, by its number; what is not in it was not taken. */
export type Counts = Readonly<Record<string, number>>;

export function sumOf({ goods }: VisitGoods, counts: Counts): number {
  return goods.reduce((sum, { sku, priceMinor }) => sum + priceMinor * (ownOf(counts, sku) ?? 0), 0);
}

const countBox =
  'tabular h-11 w-14 shrink-0 rounded-field border border-edge bg-card px-1 text-center text-body text-ink';
/** From so many articles on there is a field to find one. */
const findFrom = 9;

/** What was sold when the visit began, at the prices of then, each with how many of it were taken. */
export function GoodsChoice({
  of,
  counts,
  onCount,
}: {
  of: VisitGoods;
  counts: Counts;
  onCount: (counts: Counts) => void;
}) {
  const words = useWords().acts;
  const { money } = useFormat();
  const { language } = useSettings();
  const [wanted, setWanted] = useState('');
  const isWanted = ({ sku, name }: VisitGoods['goods'][number]): boolean =>
    (ownOf(counts, sku) ?? 0) > 0 ||
    [sku, name.zh, name.en].some((text) => text.toLowerCase().includes(wanted.trim().toLowerCase()));
  const totalMinor = sumOf(of, counts);
  return (
    <fieldset className="m-0 flex min-w-0 flex-col gap-2 border-0 p-0">
      <legend className="mb-1 text-small font-semibold">{words.goodsWhich}</legend>
      {of.goods.length >= findFrom && (
        <TextField label={words.goodsFind} value={wanted} onChange={setWanted} type="search" />
      )}
      <ul className="max-h-80 overflow-auto rounded-field border border-line">
        {of.goods.filter(isWanted).map(({ sku, name, priceMinor }) => (
          <GoodsRow
            key={sku}
            name={name[language]}
            price={money(priceMinor, of.currency)}
            count={ownOf(counts, sku) ?? 0}
            onCount={(count) => {
              onCount({ ...counts, [sku]: count });
            }}
          />
        ))}
      </ul>
      <p className="flex flex-wrap justify-between gap-x-4 text-label" aria-live="polite">
        <span className="text-soft">{words.goodsMost(money(of.mostMinor, of.currency))}</span>
        <strong className="tabular">{words.goodsSum(money(totalMinor, of.currency))}</strong>
      </p>
    </fieldset>
  );
}

function GoodsRow({
  name,
  price,
  count,
  onCount,
}: {
  name: string;
  price: string;
  count: number;
  onCount: (count: number) => void;
}) {
  const words = useWords().acts;
  return (
    <li className="flex items-center gap-2 border-b border-line bg-card px-3 py-1 last:border-0">
      <span className="min-w-0 grow text-label break-words">
        {name} <span className="tabular text-soft">{price}</span>
      </span>
      <Button
        aria-label={words.goodsLess(name)}
        isDisabled={count === 0}
        className="w-11 shrink-0 px-0"
        onPress={() => {
          onCount(count - 1);
        }}
      >
        <Minus aria-hidden className="size-4" />
      </Button>
      <Input
        aria-label={words.goodsCount(name)}
        inputMode="numeric"
        value={String(count)}
        onChange={({ target }) => {
          const digits = target.value.replaceAll(/\D/g, '').slice(-4);
          onCount(Math.min(Number(digits), pieceCountMax));
        }}
        className={`${countBox} ${count > 0 ? 'font-semibold' : ''}`}
      />
      <Button
        aria-label={words.goodsMore(name)}
        isDisabled={count >= pieceCountMax}
        className="w-11 shrink-0 px-0"
        onPress={() => {
          onCount(count + 1);
        }}
      >
        <Plus aria-hidden className="size-4" />
      </Button>
    </li>
  );
}
