import { useState } from 'react';
import { flushSync } from 'react-dom';
import { consoleExports } from '../../../../shared/console/routes.ts';
import type { CabinetStock, ShownDifference } from '../../../../shared/console/stock.schema.ts';
import { pathAndQueryOf } from '../../../../shared/util/route-path.ts';
import { Go, useAddress } from '../../base/address.tsx';
import { useRight } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { useLoad } from '../../base/load.ts';
import { useSettings } from '../../base/settings.tsx';
import { useWords } from '../../i18n/words.ts';
import { PageHead, Waiting, buttonLinkClass, linkClass } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { PlanSection } from './plan-section.tsx';

/** What of the page goes on paper: one list alone, as whoever touches its button wants it. */
type Printed = 'refill' | 'differences' | null;

/** What lies in one cabinet, and what of it was gone or too much. */
export function StockPage() {
  const words = useWords();
  const { query } = useAddress();
  const mayExport = useRight('export');
  const cabinetId = query.get('cabinetId') ?? '';
  const { value, failed, reload } = useLoad('stock', { cabinetId });
  const [printed, setPrinted] = useState<Printed>(null);
  const print = (one: Printed): void => {
    // Once only that list is left on the page.
    flushSync(() => setPrinted(one));
    window.print();
    setPrinted(null);
  };
  const unless = (one: Printed): string => (printed === null || printed === one ? '' : 'print:hidden');
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.stock.heading(cabinetId)} lead={words.stock.lead}>
        <Button onPress={reload}>{words.refresh}</Button>
        {mayExport && (
          <a
            className={buttonLinkClass}
            href={pathAndQueryOf(consoleExports.stockDifferences, { cabinetId })}
          >
            {words.export}
          </a>
        )}
      </PageHead>
      {value === null ? (
        <Waiting failed={failed} retry={reload} />
      ) : (
        <>
          <div className={unless('refill')}>
            <Refill stock={value} onPrint={() => print('refill')} />
          </div>
          <div className={`flex flex-col gap-4 ${unless(null)}`}>
            <PlanSection stock={value} onDone={reload} />
            <Stock stock={value} />
          </div>
          <div className={unless('differences')}>
            <Differences stock={value} onPrint={() => print('differences')} />
          </div>
        </>
      )}
    </div>
  );
}

/** What to bring there, before leaving the depot. */
function Refill({ stock: { cabinetId, refill }, onPrint }: { stock: CabinetStock; onPrint: () => void }) {
  const words = useWords().stock;
  const mayExport = useRight('export');
  return (
    <section className="rounded-card border border-line bg-card p-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="font-semibold">{words.refill}</h2>
        <div className="flex flex-wrap gap-2 print:hidden">
          <Button onPress={onPrint}>{words.print}</Button>
          {mayExport && (
            <a className={buttonLinkClass} href={pathAndQueryOf(consoleExports.refill, { cabinetId })}>
              {words.refillExport}
            </a>
          )}
          {mayExport && (
            <a className={buttonLinkClass} href={pathAndQueryOf(consoleExports.refill, {})}>
              {words.refillAll}
            </a>
          )}
        </div>
      </div>
      <p className="text-small text-soft">{refill.length === 0 ? words.refillNone : words.refillLead}</p>
      <ul>
        {refill.map(({ sku, name, lane, slot, stock, target, bring, takeOut }) => (
          <li key={sku} className="flex flex-wrap justify-between gap-x-4 border-b border-line py-2">
            <span className="min-w-0 grow break-words">
              <Article sku={sku} name={name} />
              <span className="text-small text-soft">
                {lane !== null && ` · ${words.lane(lane)}`}
                {slot !== null && ` · ${slot}`}
                {` · ${stock}${target === null ? '' : ` / ${target}`}`}
              </span>
            </span>
            <span className="font-semibold">
              {bring > 0 && words.bring(bring)}
              {takeOut > 0 && <span className="text-cinnabar-ink"> {words.takeOut(takeOut)}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Stock({ stock: { report } }: { stock: CabinetStock }) {
  const words = useWords().stock;
  const { time } = useFormat();
  return (
    <section className="rounded-card border border-line bg-card p-4">
      {report === null ? (
        <p className="text-soft">{words.nothing}</p>
      ) : (
        <>
          <p className="mb-2 text-small text-soft">
            {words.counted(time(report.countedAtMs), time(report.receivedAtMs))}
          </p>
          <ul className="grid gap-x-8 sm:grid-cols-2">
            {report.lines.map(({ sku, name, count, lane }) => (
              <li key={sku} className="flex justify-between gap-4 border-b border-line py-2">
                <span className="min-w-0 break-words">
                  <Article sku={sku} name={name} />
                  {lane !== null && <span className="text-small text-soft"> · {words.lane(lane)}</span>}
                </span>
                <span className="shrink-0 font-semibold">{words.pieces(count)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Differences({ stock: { differences }, onPrint }: { stock: CabinetStock; onPrint: () => void }) {
  const words = useWords().stock;
  return (
    <section className="rounded-card border border-line bg-card p-4">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h2 className="font-semibold">{words.differences}</h2>
        <div className="print:hidden">
          <Button onPress={onPrint}>{words.print}</Button>
        </div>
      </div>
      {differences.length === 0 && <p className="text-soft">{words.none}</p>}
      <ul>
        {differences.map((difference) => (
          <Difference key={difference.id} difference={difference} />
        ))}
      </ul>
    </section>
  );
}

function Difference({ difference }: { difference: ShownDifference }) {
  const words = useWords().stock;
  const { time } = useFormat();
  const { sku, name, expected, counted, sinceMs, atMs, between, betweenCount } = difference;
  const by = counted - expected;
  return (
    <li className="flex flex-wrap justify-between gap-x-4 border-b border-line py-2 print:break-inside-avoid">
      <span className="min-w-0 grow basis-64">
        <Article sku={sku} name={name} />
        <span className="block text-small text-soft">{words.between(time(sinceMs), time(atMs))}</span>
        <span className="block text-small break-all text-soft">
          {betweenCount === 0 ? words.nobody : words.opened(betweenCount)}
          {between.map((one) => (
            <Who key={one.who} {...one} />
          ))}
        </span>
      </span>
      <span className={`font-semibold ${by < 0 ? 'text-cinnabar-ink' : 'text-amber-ink'}`}>
        {by > 0 ? '+' : '−'}
        {Math.abs(by)}
      </span>
    </li>
  );
}

/** A visit leads to its charge; the staff is named by number. */
function Who({ who, chargeId }: ShownDifference['between'][number]) {
  const words = useWords().stock;
  const [, staffNo] = /^service:(.+)$/.exec(who) ?? [];
  if (staffNo !== undefined) return <span>{words.staff(staffNo)} </span>;
  if (chargeId === null) return <span>{who} </span>;
  return (
    <Go to={`/charges/${chargeId}`} className={linkClass}>
      {`${who} `}
    </Go>
  );
}

function Article({ sku, name }: { sku: string; name: ShownDifference['name'] }) {
  const { language } = useSettings();
  return <span>{name === null ? sku : name[language]}</span>;
}
