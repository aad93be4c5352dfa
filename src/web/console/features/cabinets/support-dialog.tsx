import { useState } from 'react';
import type { Failed } from '../../base/client.ts';
import { useClient } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { useLoad } from '../../base/load.ts';
import { useWords } from '../../i18n/words.ts';
import { Waiting } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { DialogBox } from '../../ui/dialog.tsx';
import { ReasonForm } from '../../ui/reason-form.tsx';

/** What a cabinet has said of its health, when somebody of its staff asked for help: taken with a reason, which is on record. */
export function SupportDialog({ cabinetId, onClose }: { cabinetId: string; onClose: () => void }) {
  const words = useWords().cabinets.support;
  const client = useClient();
  const { time } = useFormat();
  const { value, failed, reload } = useLoad('supportBundles', { cabinetId });
  const [chosen, setChosen] = useState<string | null>(null);
  const take = async (reason: string): Promise<Failed | null> => {
    const name = chosen ?? '';
    const answer = await client.ask('takeSupportBundle', { reason }, { cabinetId, name });
    if (!answer.ok) return answer.error;
    save(`kaimen-${cabinetId}-${name.slice(0, 8)}.jsonl.gz`, answer.value.gzip);
    setChosen(null);
    return null;
  };
  return (
    <DialogBox heading={words.of(cabinetId)} onClose={onClose}>
      <p className="text-label text-soft">{words.lead}</p>
      {value === null ? (
        <Waiting failed={failed} retry={reload} />
      ) : value.length === 0 ? (
        <p>{words.none}</p>
      ) : chosen !== null ? (
        <ReasonForm
          label={words.reason}
          submit={words.take}
          onCancel={() => {
            setChosen(null);
          }}
          onSubmit={take}
        />
      ) : (
        <ul className="flex flex-col gap-2">
          {value.map(({ name, byteCount, receivedAtMs }) => (
            <li key={name} className="flex flex-wrap items-center justify-between gap-2">
              <span>
                {time(receivedAtMs)} · {Math.ceil(byteCount / 1024)} KB · <code>{name.slice(0, 8)}</code>
              </span>
              <Button
                onPress={() => {
                  setChosen(name);
                }}
              >
                {words.take}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </DialogBox>
  );
}

/** A file for whoever looks at it in a program of their own. */
function save(fileName: string, base64: string): void {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}
