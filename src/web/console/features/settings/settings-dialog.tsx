import { useState } from 'react';
import type { ShownCabinetSettings } from '../../../../shared/console/settings.schema.ts';
import { shownSetting } from '../../../../shared/i18n/settings-shape.ts';
import type {
  SettingField,
  SettingValue,
  SettingsChanges,
} from '../../../../shared/model/cabinet-settings.schema.ts';
import { corners } from '../../../../shared/model/corner-knock.ts';
import type { Failed } from '../../base/client.ts';
import { useClient } from '../../base/context.ts';
import { useWords } from '../../i18n/words.ts';
import { Choice } from '../../ui/choice.tsx';
import { DialogBox } from '../../ui/dialog.tsx';
import { ReasonForm } from '../../ui/reason-form.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useSettingWords } from './setting-words.ts';

const leftOpen = '-';

/** What stands in the box of a field. */
export function textOfField({ kind, per }: SettingField, value: SettingValue): string {
  if (value === null) return kind === 'choice' ? leftOpen : '';
  if (Array.isArray(value))
    return value.map((one) => corners.findIndex((corner) => corner === one) + 1).join(' ');
  return kind === 'number' && typeof value === 'number' ? String(value / per) : String(value);
}

/** What the text in the box of a field means; undefined: nothing. The service looks once more. */
export function valueOfField(field: SettingField, text: string): SettingValue | undefined {
  const { kind, options, per, isOptional } = field;
  const typed = text.trim();
  if (typed === '' || (kind === 'choice' && typed === leftOpen)) return isOptional ? null : undefined;
  switch (kind) {
    case 'choice':
      return options.find((option) => String(option) === typed);
    case 'number':
      return /^-?\d{1,5}(\.\d{1,3})?$/.test(typed) ? Math.round(Number(typed) * per) : undefined;
    case 'corners': {
      const order = typed.split(/[\s,]+/).map((one) => corners[Number(one) - 1]);
      return order.every((corner) => corner !== undefined) ? order : undefined;
    }
    case 'text':
      return typed;
  }
}

/** The form, of the fields that the cabinet's program knows. Only what is another value is sent. */
export function SettingsDialog({
  cabinetId,
  fields,
  report,
  onClose,
  onDone,
}: Pick<ShownCabinetSettings, 'cabinetId' | 'fields'> & {
  readonly report: NonNullable<ShownCabinetSettings['report']>;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const words = useWords().cabinetSettings;
  const client = useClient();
  // What stands behind the form may be read anew meanwhile: what was seen is what it began with.
  const [seen] = useState(report);
  const before = Object.fromEntries(
    fields.map((field) => [field.name, textOfField(field, seen.values[field.name] ?? null)]),
  );
  const [texts, setTexts] = useState(before);
  const submit = async (reason: string): Promise<Failed | null> => {
    const changed = fields.filter(({ name }) => texts[name] !== before[name]);
    const values = changed.map(
      (field) => [field.name, valueOfField(field, texts[field.name] ?? '')] as const,
    );
    if (values.length === 0 || values.some(([, value]) => value === undefined))
      return { code: 'bad_request', retryAfterS: null };
    // The service parses it, whatever it is.
    const changes = Object.fromEntries(values) as SettingsChanges;
    const order = { changes, seenVersion: seen.version, reason };
    const answer = await client.ask('orderSettings', order, { cabinetId });
    if (!answer.ok) return answer.error;
    onDone();
    return null;
  };
  return (
    <DialogBox heading={words.heading(cabinetId)} onClose={onClose}>
      <ReasonForm
        label={words.reason}
        submit={words.send}
        wrong={words.failed}
        conflict={words.conflict}
        onCancel={onClose}
        onSubmit={submit}
      >
        {fields.map((field) => (
          <Field
            key={field.name}
            field={field}
            text={texts[field.name] ?? ''}
            onChange={(text) => setTexts({ ...texts, [field.name]: text })}
          />
        ))}
      </ReasonForm>
    </DialogBox>
  );
}

function Field({
  field,
  text,
  onChange,
}: {
  readonly field: SettingField;
  readonly text: string;
  readonly onChange: (text: string) => void;
}) {
  const words = useWords().cabinetSettings;
  const settingWords = useSettingWords();
  const { name, kind, options, min, max, isOptional, effect } = field;
  const label = `${settingWords.name[name]} (${settingWords.takes[effect]})`;
  const shown = (value: SettingValue): string => shownSetting(settingWords, name, field, value);
  if (kind === 'choice')
    return (
      <Choice
        label={label}
        value={text}
        options={[
          ...options.map((option) => ({ id: String(option), text: shown(option) })),
          ...(isOptional ? [{ id: leftOpen, text: shown(null) }] : []),
        ]}
        onChange={onChange}
      />
    );
  const bounds =
    kind === 'number' && min !== null && max !== null ? [words.bounds(shown(min), shown(max))] : [];
  const hints = [
    settingWords.effect[name],
    ...bounds,
    ...(kind === 'corners' ? [words.corners] : []),
    ...(isOptional ? [`${words.leftOpen}: ${shown(null)}`] : []),
  ];
  return <TextField label={label} hint={hints.join(' ')} value={text} onChange={onChange} maxLength={200} />;
}
