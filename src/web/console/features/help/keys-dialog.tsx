import { useWords } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { DialogBox } from '../../ui/dialog.tsx';

const key = 'rounded-md border border-edge bg-sunk px-2 py-0.5 font-semibold';

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const all = useWords();
  const words = all.keys;
  const keys: readonly (readonly [keys: readonly string[], does: string])[] = [
    [['/'], words.search],
    [['g', 'q'], words.goQueue],
    [['g', 's'], words.goSearch],
    [['g', 'v'], words.goVisits],
    [['g', 'p'], words.goProposals],
    [['j'], words.nextRow],
    [['k'], words.lastRow],
    [['Enter'], words.open],
    [['?'], words.help],
  ];
  return (
    <DialogBox heading={words.heading} onClose={onClose}>
      <p className="text-label text-soft">{words.lead}</p>
      <dl className="m-0 grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-2 text-label">
        {keys.map(([pressed, does]) => (
          <div key={does} className="contents">
            <dt>
              {pressed.map((one, place) => (
                <span key={one}>
                  {place > 0 && <span className="text-soft"> {words.then} </span>}
                  <kbd className={key}>{one}</kbd>
                </span>
              ))}
            </dt>
            <dd className="m-0">{does}</dd>
          </div>
        ))}
      </dl>
      <div className="flex justify-end">
        <Button look="primary" onPress={onClose} autoFocus>
          {all.close}
        </Button>
      </div>
    </DialogBox>
  );
}
