import type { GoodsCheck, GoodsProblem } from '../../../../shared/console/goods.schema.ts';
import { amountText } from '../../base/amount.ts';
import { useWords } from '../../i18n/words.ts';
import type { Words } from '../../i18n/shape.ts';
import { Button } from '../../ui/button.tsx';
import { Note } from '../../ui/note.tsx';
import type { FilePictures } from './goods-pictures.ts';

/** So many are shown; of the others their number. */
const shownMax = 100;

/** Where it stands, what is wrong, and how it is put right. */
export function sentenceOfProblem({ row, column, code, about }: GoodsProblem, { goods }: Words): string {
  const names: Readonly<Record<string, string>> = goods.columnNames;
  const name = column === null ? '' : (names[column] ?? column);
  const where = column === null ? '' : row === null ? goods.ofColumn(name) : goods.at(String(row), name);
  return where + goods.problems[code](about);
}

/** What came of a try: nothing can be read, something is wrong, or what would be another one. */
export function GoodsFindings({
  version,
  check,
  inFile,
  onPut,
}: {
  version: string;
  check: GoodsCheck;
  inFile: FilePictures;
  onPut: () => void;
}) {
  const words = useWords();
  const { unreadable, problems, warnings, made } = check;
  if (unreadable !== null)
    return (
      <Note look="bad" alert>
        <p className="font-semibold">{words.goods.unreadable}</p>
        <p>{words.goods.unreadableWhy}</p>
        <p className="text-fine text-soft">{words.goods.inEnglish(unreadable)}</p>
      </Note>
    );
  return (
    <>
      {problems.length > 0 && (
        <Note look="bad" alert>
          <p className="font-semibold">{words.goods.wrong(String(problems.length))}</p>
          <Problems of={problems} />
        </Note>
      )}
      {warnings.length > 0 && (
        <Note look="care">
          <p className="font-semibold">{words.goods.careful}</p>
          <Problems of={warnings} />
        </Note>
      )}
      <InFile {...inFile} />
      {made !== null && <Made version={version} made={made} onPut={onPut} />}
    </>
  );
}

/** Which pictures of the spreadsheet were taken, and why others were not; nothing where it has none. */
function InFile({ rowPictures, left, unreadable }: FilePictures) {
  const words = useWords().goods;
  if (unreadable !== null)
    return (
      <Note look="care">
        <p>{words.noFilePictures}</p>
        <p className="text-fine text-soft">{words.inEnglish(unreadable)}</p>
      </Note>
    );
  if (rowPictures.length + left.length === 0) return null;
  return (
    <Note look={left.length === 0 ? 'plain' : 'care'}>
      <p>{words.filePictures(String(rowPictures.length), String(left.length))}</p>
      {left.length > 0 && (
        <ul className="mt-2 flex list-disc flex-col gap-1 pl-5">
          {left.slice(0, shownMax).map(({ row, why }, place) => (
            <li key={place}>
              {row === null ? '' : words.pictureAt(String(row))}
              {words.leftPictures[why]}
            </li>
          ))}
          {left.length > shownMax && <li>{words.andMore(String(left.length - shownMax))}</li>}
        </ul>
      )}
    </Note>
  );
}

function Problems({ of }: { of: readonly GoodsProblem[] }) {
  const words = useWords();
  return (
    <ul className="mt-2 flex list-disc flex-col gap-1 pl-5">
      {of.slice(0, shownMax).map((problem, place) => (
        <li key={place} className="break-words">
          {sentenceOfProblem(problem, words)}
        </li>
      ))}
      {of.length > shownMax && <li>{words.goods.andMore(String(of.length - shownMax))}</li>}
    </ul>
  );
}

function Made({
  version,
  made,
  onPut,
}: {
  version: string;
  made: NonNullable<GoodsCheck['made']>;
  onPut: () => void;
}) {
  const words = useWords().goods;
  const { articles, added, gone, prices, tags } = made;
  const listed = (name: string, all: readonly string[]) =>
    all.length === 0 ? null : (
      <li className="break-words">
        {name}: {all.slice(0, shownMax).join(', ')}
        {all.length > shownMax && ` ${words.andMore(String(all.length - shownMax))}`}
      </li>
    );
  const changes = prices.map(
    ({ sku, beforeMinor, afterMinor }) => `${sku} ${amountText(beforeMinor)} → ${amountText(afterMinor)}`,
  );
  return (
    <Note look="good" alert>
      <p className="font-semibold">{words.fine(version, String(articles))}</p>
      <ul className="my-2 flex list-disc flex-col gap-1 pl-5">
        {listed(words.added, added)}
        {listed(words.gone, gone)}
        {listed(words.prices, changes)}
        {tags.before !== tags.after && <li>{words.tags(String(tags.before), String(tags.after))}</li>}
        {added.length + gone.length + prices.length === 0 && <li>{words.same}</li>}
      </ul>
      <p>{words.take}</p>
      <p className="mt-3 flex flex-wrap gap-3">
        <Button look="primary" onPress={onPut}>
          {words.putInForce}
        </Button>
        <Button
          onPress={() => {
            saveAs('catalog.json', made.file);
          }}
        >
          {words.download}
        </Button>
      </p>
    </Note>
  );
}

/** As the browser saves what is downloaded. */
function saveAs(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
