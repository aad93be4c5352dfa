import { type SubmitEvent, useState } from 'react';
import {
  type GoodsCheck,
  type GoodsCheckRequest,
  goodsFileMaxBytes,
} from '../../../../shared/console/goods.schema.ts';
import type { Failed } from '../../base/client.ts';
import { useClient } from '../../base/context.ts';
import type { Words } from '../../i18n/shape.ts';
import { useWords } from '../../i18n/words.ts';
import { Card } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { FailedNote, Note } from '../../ui/note.tsx';
import { TextField } from '../../ui/text-field.tsx';
import {
  type FilePictures,
  type UnreadPicture,
  isUnread,
  takeFilePictures,
  sendPictures,
} from './goods-pictures.ts';
import { GoodsFindings } from './goods-findings.tsx';

type Checked = {
  readonly asked: GoodsCheckRequest;
  readonly check: GoodsCheck;
  readonly inFile: FilePictures;
};

/**
 * A spreadsheet of goods is tried: what is wrong in it, row by row, and what it would change. Nothing is changed by that; then it
 * may be put in force.
 */
export function GoodsCard({ onPut }: { onPut: (number: number) => void }) {
  const words = useWords().goods;
  const client = useClient();
  const [file, setFile] = useState<File | null>(null);
  const [pictures, setPictures] = useState<readonly File[]>([]);
  const [version, setVersion] = useState(today);
  const [checked, setChecked] = useState<Checked | null>(null);
  const [failed, setFailed] = useState<Failed | 'none' | 'large' | UnreadPicture | null>(null);
  const [busy, setBusy] = useState(false);
  const look = async (of: File): Promise<void> => {
    setFailed(null);
    setBusy(true);
    const sent = await sendPictures(client, pictures);
    if ('failed' in sent) {
      setBusy(false);
      setFailed(sent.failed);
      return;
    }
    const file = await base64Of(of);
    const inFile = await takeFilePictures(client, file);
    if ('failed' in inFile) {
      setBusy(false);
      setFailed(inFile.failed);
      return;
    }
    const rowPictures = [...inFile.rowPictures];
    const asked = { version: version.trim(), file, pictures: sent.pictures, rowPictures };
    const answer = await client.ask('checkGoods', asked);
    setBusy(false);
    if (answer.ok) setChecked({ asked, check: answer.value, inFile });
    else setFailed(answer.error);
  };
  const keep = async ({ asked, inFile }: Checked): Promise<void> => {
    setFailed(null);
    setBusy(true);
    const answer = await client.ask('draftGoods', asked);
    setBusy(false);
    if (!answer.ok) setFailed(answer.error);
    else if (answer.value.number === null) setChecked({ asked, check: answer.value.check, inFile });
    else onPut(answer.value.number);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setChecked(null);
    if (file === null) setFailed('none');
    else if (file.size > goodsFileMaxBytes) setFailed('large');
    else void look(file);
  };
  return (
    <Card heading={words.heading}>
      <p className="text-label text-soft">{words.lead}</p>
      <p className="text-label">{words.columns}</p>
      <p className="text-label">{words.picturesHow}</p>
      <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
        <label className="flex min-w-0 grow basis-64 flex-col gap-1">
          <span className="text-small font-semibold">{words.file}</span>
          <input
            type="file"
            accept=".csv,.xlsx,text/csv"
            className="min-h-11 w-full rounded-field border border-edge bg-card px-3 py-2 text-label"
            onChange={({ target }) => {
              setFile(target.files?.[0] ?? null);
              setChecked(null);
              setFailed(null);
            }}
          />
        </label>
        <label className="flex min-w-0 grow basis-64 flex-col gap-1">
          <span className="text-small font-semibold">{words.pictures}</span>
          <input
            type="file"
            accept="image/png,image/jpeg,image/webp"
            multiple
            className="min-h-11 w-full rounded-field border border-edge bg-card px-3 py-2 text-label"
            onChange={({ target }) => {
              setPictures([...(target.files ?? [])]);
              setChecked(null);
              setFailed(null);
            }}
          />
        </label>
        <TextField label={words.version} value={version} onChange={setVersion} className="basis-40" />
        <Button look="primary" type="submit" isDisabled={busy}>
          {busy ? words.reading : words.look}
        </Button>
      </form>
      {failed === 'none' && <Refused text={words.noFile} />}
      {failed === 'large' && <Refused text={words.large} />}
      {isUnread(failed) && <Refused text={words.unreadPicture(failed.unread)} />}
      {failed !== null && typeof failed !== 'string' && !isUnread(failed) && (
        <FailedNote failed={failed} instead={insteadOf(failed, words)} />
      )}
      {checked !== null && (
        <GoodsFindings
          version={checked.asked.version}
          check={checked.check}
          inFile={checked.inFile}
          onPut={() => {
            void keep(checked);
          }}
        />
      )}
    </Card>
  );
}

function insteadOf({ code }: Failed, words: Words['goods']): string | undefined {
  if (code === 'conflict') return words.nameTaken;
  return code === 'bad_request' ? words.badVersion : undefined;
}

function Refused({ text }: { text: string }) {
  return (
    <Note look="bad" alert>
      {text}
    </Note>
  );
}

/** By the day on which it is made, as most are called. */
const today = (): string => new Date().toLocaleDateString('sv-SE');

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => {
      const text = typeof reader.result === 'string' ? reader.result : '';
      resolve(text.slice(text.indexOf(',') + 1));
    });
    reader.addEventListener('error', () => {
      reject(reader.error ?? new Error('the file cannot be read'));
    });
    reader.readAsDataURL(file);
  });
}
