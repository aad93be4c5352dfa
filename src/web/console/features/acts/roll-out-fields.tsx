import { releaseVersionPattern } from '../../../../shared/model/release-version.ts';
import { useWords } from '../../i18n/words.ts';
import { TextField } from '../../ui/text-field.tsx';
import { readWindows } from '../../base/windows.ts';
import type { RollOut } from './intents.ts';

/** As it is typed. */
export interface TypedRollOut {
  readonly release: string;
  readonly percent: string;
  readonly windows: string;
  readonly days: string;
}

const daysMost = 365;
const wholeOf = (text: string): number => (/^\d{1,3}$/.test(text.trim()) ? Number(text) : NaN);

/** Null: something of it is not right. */
export function readRollOut(typed: TypedRollOut): RollOut | null {
  const release = typed.release.trim();
  const [percent, days] = [wholeOf(typed.percent), wholeOf(typed.days)];
  const windows = readWindows(typed.windows);
  const isRight = releaseVersionPattern.test(release) && percent <= 100 && days >= 1 && days <= daysMost;
  return isRight && windows !== null ? { release, percent, windows, days } : null;
}

/** Which release, for how many, when, and for how long that is good. */
export function RollOutFields({
  isOfOne,
  typed,
  onChange,
}: {
  isOfOne: boolean;
  typed: TypedRollOut;
  onChange: (typed: TypedRollOut) => void;
}) {
  const words = useWords().updates;
  const field = (name: keyof TypedRollOut, label: string, hint: string, isFirst = false) => (
    <TextField
      label={label}
      hint={hint}
      value={typed[name]}
      onChange={(text) => {
        onChange({ ...typed, [name]: text });
      }}
      autoFocus={isFirst}
      className="grow basis-40"
    />
  );
  return (
    <div className="flex flex-wrap gap-4">
      {field('release', words.release, words.releaseHint, true)}
      {!isOfOne && field('percent', words.percent, words.percentHint)}
      {field('windows', words.windows, words.windowsHint)}
      {field('days', words.days, words.daysHint)}
    </div>
  );
}
