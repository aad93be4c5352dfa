import { Suspense, lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { unreachable } from '../../../../shared/assert.ts';
import type { SettingField, SettingValue } from '../../../../shared/model/cabinet-settings.schema.ts';
import { type Corner, corners, faultOfKnock } from '../../../../shared/model/corner-knock.ts';
import { ActionButton, ButtonRow, QuietButton } from '../../ui/buttons.tsx';
import { Panel } from './room-parts.tsx';
import { useSettingWords } from './setting-words.ts';

/** Only whoever types brings it in: the screens of shoppers start without it. */
const TextKeys = lazy(() => import('./text-keys.tsx'));

interface EditorProps {
  readonly field: SettingField;
  readonly value: SettingValue;
  readonly onTake: (value: SettingValue) => void;
}

/** One setting anew: what it does in words, and keys of its kind. */
export function SettingEditor({
  field,
  value,
  onTake,
  onBack,
}: EditorProps & { readonly onBack: () => void }) {
  const { t } = useTranslation();
  const shown = useSettingWords();
  const { name, effect, isOptional } = field;
  return (
    <Panel>
      <h2 className="text-heading font-bold">{t(`settings.name.${name}`)}</h2>
      <p className="text-label text-soft">{t(`settings.effect.${name}`)}</p>
      <p className="text-label text-soft">{t(`settings.takes.${effect}`)}</p>
      <EditorOf field={field} value={value} onTake={onTake} />
      {isOptional && (
        <QuietButton testId="key-setting-open" onPress={() => onTake(null)}>
          {shown(name, field, null)}
        </QuietButton>
      )}
      <QuietButton testId="action-setting-back" onPress={onBack}>
        {t('serviceMode.back')}
      </QuietButton>
    </Panel>
  );
}

function EditorOf(props: EditorProps) {
  const { kind } = props.field;
  switch (kind) {
    case 'choice':
      return <Choice {...props} />;
    case 'number':
      return <NumberKeys {...props} />;
    case 'corners':
      return <CornerKeys {...props} />;
    case 'text':
      return (
        <Suspense>
          <TextKeys {...props} />
        </Suspense>
      );
    default:
      return unreachable(kind);
  }
}

function Choice({ field, value, onTake }: EditorProps) {
  const shown = useSettingWords();
  const { name, options } = field;
  return (
    <div className="grid grid-cols-2 gap-16">
      {options.map((option) => (
        <ActionButton
          key={option}
          testId={`key-setting-${option}`}
          kind={option === value ? 'primary' : 'secondary'}
          onPress={() => onTake(option)}
        >
          {shown(name, field, option)}
        </ActionButton>
      ))}
    </div>
  );
}

/** In small steps and in large ones; never past its bounds. */
function NumberKeys({ field, value, onTake }: EditorProps) {
  const { t } = useTranslation();
  const shown = useSettingWords();
  const { name, by, min, max } = field;
  const within = (wanted: number): number => Math.min(Math.max(wanted, min ?? -Infinity), max ?? Infinity);
  const [number, setNumber] = useState(typeof value === 'number' ? value : within(0));
  const step = (count: number) => (
    <ActionButton
      key={count}
      testId={`key-setting-by-${count}`}
      kind="secondary"
      disabled={within(number + count * by) === number}
      onPress={() => setNumber(within(number + count * by))}
    >
      {count > 0 ? '+' : '−'}
      {Math.abs(count * by) / field.per}
    </ActionButton>
  );
  return (
    <>
      <p role="status" data-testid="setting-value" className="tabular text-center text-heading font-bold">
        {shown(name, field, number)}
      </p>
      <ButtonRow>{[-10, -1, 1, 10].map(step)}</ButtonRow>
      <ActionButton testId="action-setting-take" onPress={() => onTake(number)}>
        {t('serviceMode.settings.take')}
      </ActionButton>
    </>
  );
}

/** Corners in order, as they are to be touched. */
function CornerKeys({ field, value, onTake }: EditorProps) {
  const { t } = useTranslation();
  const shown = useSettingWords();
  const [order, setOrder] = useState<readonly Corner[]>([]);
  const fault = faultOfKnock(order);
  const isFull = order.length >= (field.max ?? 0);
  const [topLeft, topRight, bottomRight, bottomLeft] = corners;
  return (
    <>
      <p role="status" data-testid="setting-value" className="text-label font-bold break-words">
        {shown(field.name, field, order.length === 0 ? value : [...order])}
      </p>
      <div className="grid grid-cols-2 gap-16">
        {[topLeft, topRight, bottomLeft, bottomRight].map((corner) => (
          <ActionButton
            key={corner}
            testId={`key-setting-${corner}`}
            kind="secondary"
            disabled={isFull}
            onPress={() => setOrder([...order, corner])}
          >
            {t(`settings.value.${corner}`)}
          </ActionButton>
        ))}
      </div>
      {order.length > 0 && fault !== null && (
        <p className="text-small text-cinnabar-ink" data-testid="setting-fault">
          {t(
            fault === 'too_short'
              ? 'serviceMode.settings.knockTooShort'
              : 'serviceMode.settings.knockTrivial',
          )}
        </p>
      )}
      <QuietButton testId="action-setting-clear" disabled={order.length === 0} onPress={() => setOrder([])}>
        {t('serviceMode.settings.clear')}
      </QuietButton>
      <ActionButton testId="action-setting-take" disabled={fault !== null} onPress={() => onTake([...order])}>
        {t('serviceMode.settings.take')}
      </ActionButton>
    </>
  );
}
