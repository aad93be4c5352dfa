import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { KeyboardReact } from 'react-simple-keyboard';
import './text-keys.css';
import type { SettingField, SettingValue } from '../../../../shared/model/cabinet-settings.schema.ts';
import { ActionButton } from '../../ui/buttons.tsx';

/** Digits and what stands between them; letters, small and large, with what names of devices have. */
type Layout = Readonly<Record<string, string[]>>;
const layouts: Readonly<Record<NonNullable<SettingField['keys']>, Layout>> = {
  phone: { default: ['1 2 3', '4 5 6', '7 8 9', '+ 0 -', '( {space} ) {bksp}'] },
  letters: {
    default: [
      '1 2 3 4 5 6 7 8 9 0',
      'q w e r t y u i o p',
      'a s d f g h j k l',
      '{shift} z x c v b n m {bksp}',
      ': - _ {space} . ( )',
    ],
    shift: [
      '1 2 3 4 5 6 7 8 9 0',
      'Q W E R T Y U I O P',
      'A S D F G H J K L',
      '{shift} Z X C V B N M {bksp}',
      ': - _ {space} . ( )',
    ],
  },
};

function keyNames(rows: readonly string[]): { attribute: string; value: string; buttons: string }[] {
  const names = new Set(rows.flatMap((row) => row.split(' ')));
  return [...names].map((key) => ({ attribute: 'data-testid', value: `key-text-${key}`, buttons: key }));
}

/** A text, and the keyboard for it on the screen. Main says whether it may be one. */
export default function TextKeys({
  field,
  value,
  onTake,
}: {
  readonly field: Pick<SettingField, 'keys' | 'max'>;
  readonly value: SettingValue;
  readonly onTake: (value: SettingValue) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(typeof value === 'string' ? value : '');
  const [isShifted, setIsShifted] = useState(false);
  const keys = field.keys ?? 'letters';
  const layout = layouts[keys];
  const press = (key: string): void => {
    if (key === '{shift}') setIsShifted(!isShifted);
    else if (key === '{bksp}') setText(text.slice(0, -1));
    else if (text.length < (field.max ?? 0)) setText(text + (key === '{space}' ? ' ' : key));
  };
  return (
    <>
      <p
        role="status"
        data-testid="setting-value"
        className="min-h-96 rounded-tile bg-sunk p-24 text-heading font-bold break-all"
      >
        {text === '' ? '—' : text}
      </p>
      <div data-testid="text-keys" data-keys={keys}>
        <KeyboardReact
          layout={layout}
          layoutName={isShifted && keys === 'letters' ? 'shift' : 'default'}
          // Each is a button of its own to the touch guard, which takes two touches of the same one for a double strike.
          buttonAttributes={keyNames(Object.values(layout).flat())}
          display={{ '{bksp}': '⌫', '{shift}': '⇧', '{space}': '␣' }}
          physicalKeyboardHighlight={false}
          onKeyPress={press}
        />
      </div>
      <ActionButton
        testId="action-setting-take"
        disabled={text.trim() === ''}
        onPress={() => onTake(text.trim())}
      >
        {t('serviceMode.settings.take')}
      </ActionButton>
    </>
  );
}
