import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isCabinetSetting } from '../../../../shared/model/cabinet-settings.ts';
import type {
  SettingField,
  SettingValue,
  SettingsChanges,
  SettingsView,
} from '../../../../shared/model/cabinet-settings.schema.ts';
import { QuietButton } from '../../ui/buttons.tsx';
import { ConfirmedAct } from './confirmed-act.tsx';
import { useOrderWords } from './order-words.ts';
import { Last, Panel, type RoomProps } from './room-parts.tsx';
import { SettingEditor } from './setting-editor.tsx';
import { valueInEditor } from './settings-draft.ts';
import { useSettingWords } from './setting-words.ts';
import { VersionRow } from './version-row.tsx';

/** What is changed and not saved yet: of which version of the settings. */
export interface SettingsDraft {
  readonly version: number;
  readonly values: Readonly<Record<string, SettingValue>>;
}
export const noDraft: SettingsDraft = { version: -1, values: {} };
const refusals = [
  'settings_changed',
  'settings_same',
  'settings_no_such_version',
  'settings_unreadable',
  'settings_settings',
] as const;

/** The settings that people may change, as a form that main has made out of their schema, and their versions. */
export function SettingsRoom({
  view,
  calls,
  draft,
  onDraft,
}: RoomProps & { readonly draft: SettingsDraft; readonly onDraft: (draft: SettingsDraft) => void }) {
  const { t } = useTranslation();
  const wordsOf = useOrderWords();
  const [edited, setEdited] = useState<SettingField | null>(null);
  const { settings, sessionId, isBusy, last } = view;
  if (settings === null) return null;
  const { version: seenVersion, fields, values, waiting } = settings;
  // What was begun on another version is not put upon this one.
  const changes = draft.version === seenVersion ? draft.values : {};
  if (edited !== null)
    return (
      <SettingEditor
        field={edited}
        value={valueInEditor(edited.name, changes, values)}
        onBack={() => setEdited(null)}
        onTake={(value) => {
          const all = Object.entries({ ...changes, [edited.name]: value });
          // What is as it was is no change.
          const others = all.filter(([name, one]) => JSON.stringify(one) !== JSON.stringify(values[name]));
          onDraft({ version: seenVersion, values: Object.fromEntries(others) });
          setEdited(null);
        }}
      />
    );
  const why = refusals.find((one) => one === last?.detail);
  const words = why === undefined ? wordsOf(last) : t(`serviceMode.settings.why.${why}`);
  return (
    <Panel>
      <p className="text-label text-soft">{t('serviceMode.settings.lead')}</p>
      <Last view={view} of={['changeSettings', 'undoSettings']} words={words} />
      {waiting.length > 0 && (
        <p className="text-label text-amber-ink" data-testid="settings-wait">
          {t('serviceMode.settings.restartLater')}
        </p>
      )}
      <Unsaved
        settings={settings}
        changes={changes}
        isBusy={isBusy}
        onDrop={() => onDraft(noDraft)}
        onSave={() => {
          // Main parses it, whatever it is.
          const order = { act: 'changeSettings', seenVersion, changes: changes as SettingsChanges } as const;
          void calls.order({ sessionId, order });
        }}
      />
      {fields.map((field) => (
        <FieldRow
          key={field.name}
          field={field}
          now={values[field.name] ?? null}
          then={changes[field.name]}
          isWaiting={waiting.includes(field.name)}
          onChange={() => setEdited(field)}
        />
      ))}
      <Versions
        settings={settings}
        isBusy={isBusy}
        onUndo={(to) => void calls.order({ sessionId, order: { act: 'undoSettings', seenVersion, to } })}
      />
    </Panel>
  );
}

function FieldRow({
  field,
  now,
  then,
  isWaiting,
  onChange,
}: {
  readonly field: SettingField;
  readonly now: SettingValue;
  readonly then: SettingValue | undefined;
  readonly isWaiting: boolean;
  readonly onChange: () => void;
}) {
  const { t } = useTranslation();
  const shown = useSettingWords();
  const { name } = field;
  return (
    <div className="flex items-center justify-between gap-24 border-b-2 border-line pb-12">
      <div className="min-w-0">
        <p className="text-label font-medium">{t(`settings.name.${name}`)}</p>
        <p className="text-small break-words text-soft" data-testid={`setting-${name}`}>
          {shown(name, field, now)}
          {isWaiting && ` · ${t('settings.takes.restart')}`}
        </p>
        {then !== undefined && (
          <p className="text-small font-medium break-words text-jade">
            {t('serviceMode.settings.will', { value: shown(name, field, then) })}
          </p>
        )}
      </div>
      <div className="shrink-0">
        <QuietButton testId={`action-change-${name}`} onPress={onChange}>
          {t('serviceMode.settings.change')}
        </QuietButton>
      </div>
    </div>
  );
}

function Unsaved({
  settings: { fields, values },
  changes,
  isBusy,
  onSave,
  onDrop,
}: {
  readonly settings: SettingsView;
  readonly changes: SettingsDraft['values'];
  readonly isBusy: boolean;
  readonly onSave: () => void;
  readonly onDrop: () => void;
}) {
  const { t } = useTranslation();
  const shown = useSettingWords();
  const changed = fields.filter(({ name }) => changes[name] !== undefined);
  const count = changed.length;
  if (count === 0) return null;
  const lines = changed.map((field) => {
    const { name, effect } = field;
    const from = shown(name, field, values[name] ?? null);
    const to = shown(name, field, changes[name] ?? null);
    return `${t(`settings.name.${name}`)}: ${from} → ${to} · ${t(`settings.takes.${effect}`)}`;
  });
  return (
    <div className="flex flex-col gap-16">
      <p className="text-label font-medium">{t('serviceMode.settings.notSaved', { count })}</p>
      <ConfirmedAct
        // Of other changes it is another act.
        key={JSON.stringify(changes)}
        name="save-settings"
        label={t('serviceMode.settings.save', { count })}
        effect={[t('serviceMode.settings.effect'), ...lines].join('\n')}
        disabled={isBusy}
        onDo={onSave}
      />
      <QuietButton testId="action-drop-settings" onPress={onDrop}>
        {t('serviceMode.settings.drop')}
      </QuietButton>
    </div>
  );
}

function Versions({
  settings: { fields, versions, version: newest },
  isBusy,
  onUndo,
}: {
  readonly settings: SettingsView;
  readonly isBusy: boolean;
  readonly onUndo: (to: number) => void;
}) {
  const { t } = useTranslation();
  const shown = useSettingWords();
  const fieldOf = (name: string) => fields.find((field) => field.name === name);
  return (
    <>
      <h2 className="pt-12 text-label font-bold">{t('serviceMode.settings.versions')}</h2>
      {versions.length === 0 && (
        <p className="text-label text-soft">{t('serviceMode.settings.noVersions')}</p>
      )}
      {versions.map(({ version, atMs, by, why, changed }) => (
        <VersionRow
          key={version}
          title={t('serviceMode.settings.version', { version })}
          why={t(`settings.why.${why}`)}
          atMs={atMs}
          by={by}
          undo={
            version === newest
              ? null
              : {
                  name: `undo-settings-${version}`,
                  label: t('serviceMode.settings.undo'),
                  effect: t('serviceMode.settings.undoEffect', { version }),
                  disabled: isBusy,
                  onDo: () => onUndo(version),
                }
          }
        >
          {changed.map(({ name, before, after }) => (
            <p key={name} className="text-small break-words text-soft">
              {isCabinetSetting(name) ? t(`settings.name.${name}`) : name}:{' '}
              {shown(name, fieldOf(name), before)} → {shown(name, fieldOf(name), after)}
            </p>
          ))}
        </VersionRow>
      ))}
    </>
  );
}
