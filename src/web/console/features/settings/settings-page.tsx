import { useState } from 'react';
import type { ShownCabinetSettings } from '../../../../shared/console/settings.schema.ts';
import { shownSetting } from '../../../../shared/i18n/settings-shape.ts';
import { isCabinetSetting } from '../../../../shared/model/cabinet-settings.ts';
import type { SettingValue } from '../../../../shared/model/cabinet-settings.schema.ts';
import { useAddress } from '../../base/address.tsx';
import { useFormat } from '../../base/format.ts';
import { useLoad } from '../../base/load.ts';
import { useWords } from '../../i18n/words.ts';
import { PageHead, Waiting } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { Note } from '../../ui/note.tsx';
import { useSettingWords } from './setting-words.ts';
import { SettingsDialog } from './settings-dialog.tsx';

type Report = NonNullable<ShownCabinetSettings['report']>;
const box = 'rounded-card border border-line bg-card p-4';

/** The settings of one cabinet: as it has said that they are, what was ordered of them, and what became of it. */
export function SettingsPage() {
  const words = useWords();
  const { query } = useAddress();
  const cabinetId = query.get('cabinetId') ?? '';
  const { value, failed, reload } = useLoad('cabinetSettings', { cabinetId });
  const [isEditing, setIsEditing] = useState(false);
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.cabinetSettings.heading(cabinetId)} lead={words.cabinetSettings.lead}>
        <Button onPress={reload}>{words.refresh}</Button>
        {value?.report != null && (
          <Button look="primary" onPress={() => setIsEditing(true)}>
            {words.cabinetSettings.edit}
          </Button>
        )}
      </PageHead>
      {value === null ? (
        <Waiting failed={failed} retry={reload} />
      ) : value.report === null ? (
        <p className={`${box} text-soft`}>{words.cabinetSettings.nothing}</p>
      ) : (
        <>
          <Order settings={value} />
          <Values settings={value} report={value.report} />
          <Versions settings={value} report={value.report} />
          {isEditing && (
            <SettingsDialog
              cabinetId={cabinetId}
              fields={value.fields}
              report={value.report}
              onClose={() => {
                setIsEditing(false);
                reload();
              }}
              onDone={() => {
                setIsEditing(false);
                reload();
              }}
            />
          )}
        </>
      )}
    </div>
  );
}

function useShown({ fields }: ShownCabinetSettings) {
  const words = useSettingWords();
  return {
    nameOf: (name: string): string => (isCabinetSetting(name) ? words.name[name] : name),
    valueOf: (name: string, value: SettingValue): string => {
      const field = fields.find((one) => one.name === name);
      return shownSetting(words, name, field, value);
    },
  };
}

function Order({ settings }: { settings: ShownCabinetSettings }) {
  const words = useWords().cabinetSettings;
  const { time } = useFormat();
  const { nameOf, valueOf } = useShown(settings);
  const { order } = settings;
  if (order === null) return null;
  const { changes, madeBy, madeAtMs, state, left, refused } = order;
  const isBad = state === 'refused' || state === 'ended' || left.length > 0;
  return (
    <Note look={state === 'done' && !isBad ? 'good' : isBad ? 'care' : 'plain'}>
      <p className="font-semibold">
        {words.order}: {words.state[state]}
      </p>
      <p className="text-small">{words.orderOf(madeBy, time(madeAtMs))}</p>
      {refused !== null && <p className="break-words">{refused}</p>}
      {left.length > 0 && <p>{words.left(left.map(nameOf).join(', '))}</p>}
      <ul>
        {Object.entries(changes).map(([name, value]) => (
          <li key={name} className="break-words">
            {nameOf(name)}: {valueOf(name, value)}
          </li>
        ))}
      </ul>
    </Note>
  );
}

function Values({ settings, report }: { settings: ShownCabinetSettings; report: Report }) {
  const words = useWords().cabinetSettings;
  const { time } = useFormat();
  const { nameOf, valueOf } = useShown(settings);
  return (
    <section className={box}>
      <p className="mb-2 text-small text-soft">{words.told(report.version, time(report.receivedAtMs))}</p>
      <ul>
        {Object.entries(report.values).map(([name, value]) => (
          <li key={name} className="flex flex-wrap justify-between gap-x-4 border-b border-line py-2">
            <span>{nameOf(name)}</span>
            <span className="font-semibold break-words">
              {valueOf(name, value)}
              {report.waiting.includes(name) && <span className="text-amber-ink"> ({words.waiting})</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Versions({ settings, report }: { settings: ShownCabinetSettings; report: Report }) {
  const words = useWords().cabinetSettings;
  const { why } = useSettingWords();
  const { time } = useFormat();
  const { nameOf, valueOf } = useShown(settings);
  return (
    <section className={box}>
      <h2 className="mb-2 font-semibold">{words.versions}</h2>
      {report.versions.length === 0 && <p className="text-soft">{words.noVersions}</p>}
      <ul>
        {report.versions.map((one) => (
          <li key={one.version} className="border-b border-line py-2">
            <p>
              <span className="font-semibold">{words.version(one.version)}</span> · {why[one.why]}
              {one.by === '-' ? '' : ` · ${one.by}`} <span className="text-soft">{time(one.atMs)}</span>
            </p>
            {one.changed.map(({ name, before, after }) => (
              <p key={name} className="text-small break-words text-soft">
                {nameOf(name)}: {valueOf(name, before)} → {valueOf(name, after)}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
