import { useFormat } from '../../base/format.ts';
import { useLoad } from '../../base/load.ts';
import { useWords } from '../../i18n/words.ts';
import { Card, Waiting } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';

/** So many are shown: nobody goes back further than that by hand. */
const shownMax = 8;

/** Which catalogue is in force, and those that could be. `onPut` null: this person may not. */
export function CatalogsCard({ onPut }: { onPut: ((number: number) => void) | null }) {
  const words = useWords().goods;
  const { time } = useFormat();
  const { value, failed, reload } = useLoad('catalogs');
  if (value === null) return <Waiting failed={failed} retry={reload} />;
  const { inForce, catalogs } = value;
  const current = catalogs.find(({ number }) => number === inForce);
  const others = catalogs.filter((one) => one !== current).slice(0, shownMax);
  if (current === undefined) return null;
  const madeOf = (name: string, madeAtMs: number): string =>
    name === 'CATALOG_FILE' ? words.fromFile(time(madeAtMs)) : words.madeBy(name, time(madeAtMs));
  return (
    <Card heading={words.inForce(current.version)}>
      <p className="text-label text-soft">{madeOf(current.madeBy, current.madeAtMs)}</p>
      {others.length > 0 && (
        <>
          <h3 className="font-semibold">{words.earlier}</h3>
          <p className="text-label text-soft">{words.earlierLead}</p>
          <ul className="flex flex-col gap-2">
            {others.map(({ number, version, madeBy, madeAtMs, wasInForce }) => (
              <li key={number} className="flex flex-wrap items-center justify-between gap-3">
                <span className="min-w-0 break-words">
                  {version} · {wasInForce ? words.wasUsed : words.neverUsed} ·{' '}
                  <span className="text-soft">{madeOf(madeBy, madeAtMs)}</span>
                </span>
                {onPut !== null && (
                  <Button
                    aria-label={`${words.again}: ${version}`}
                    onPress={() => {
                      onPut(number);
                    }}
                  >
                    {words.again}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}
