import { type SubmitEvent, useState } from 'react';
import type { ConsoleReply } from '../../../../shared/console/routes.ts';
import { go, linkTo, useAddress } from '../../base/address.tsx';
import { useClient } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { usePages } from '../../base/load.ts';
import { useWords } from '../../i18n/words.ts';
import type { Failed } from '../../base/client.ts';
import { PageHead, Waiting } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { More } from '../../ui/more.tsx';
import { FailedNote, Note } from '../../ui/note.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Changes } from '../acts/changes.tsx';

type LogItem = ConsoleReply<'log'>['items'][number];

/** Who has done what and why, and whether that record is whole. */
export function LogPage() {
  const words = useWords();
  const { query } = useAddress();
  const subject = query.get('subject') ?? '';
  const pages = usePages('log', subject === '' ? {} : { subject });
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.log.heading} lead={words.log.lead} />
      <div className="grid gap-4 sm:grid-cols-2 sm:items-end">
        <SubjectForm key={subject} subject={subject} />
        <LogCheck />
      </div>
      {pages.items === null ? (
        <Waiting failed={pages.failed} retry={pages.reload} />
      ) : pages.items.length === 0 ? (
        <p className="rounded-card border border-line bg-card p-8 text-center text-soft">{words.log.empty}</p>
      ) : (
        <>
          <ol className="m-0 flex list-none flex-col gap-2 p-0">
            {pages.items.map((item) => (
              <LogEntry key={item.seq} item={item} />
            ))}
          </ol>
          <More count={pages.items.length} {...pages} />
        </>
      )}
    </div>
  );
}

function SubjectForm({ subject }: { subject: string }) {
  const words = useWords();
  const [text, setText] = useState(subject);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    go(linkTo('/log', { subject: text.trim() }));
  };
  return (
    <form role="search" aria-label={words.log.subject} onSubmit={submit} className="flex items-end gap-2">
      <TextField
        className="grow"
        label={words.log.subject}
        placeholder={words.log.subjectHint}
        value={text}
        onChange={setText}
      />
      <Button type="submit">{words.search.submit}</Button>
    </form>
  );
}

function LogCheck() {
  const words = useWords();
  const client = useClient();
  const [checked, setChecked] = useState<{ brokenAt: number | null } | Failed | null>(null);
  const check = async (): Promise<void> => {
    const answer = await client.ask('checkLog', undefined);
    setChecked(answer.ok ? answer.value : answer.error);
  };
  return (
    <div className="flex flex-col gap-2">
      <Button onPress={() => void check()}>{words.log.check}</Button>
      {checked !== null && 'code' in checked && <FailedNote failed={checked} />}
      {checked !== null && 'brokenAt' in checked && (
        <Note look={checked.brokenAt === null ? 'good' : 'bad'} alert>
          {checked.brokenAt === null ? words.log.whole : words.log.broken(checked.brokenAt)}
        </Note>
      )}
    </div>
  );
}

function stateIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function LogEntry({ item }: { item: LogItem }) {
  const words = useWords();
  const { time } = useFormat();
  return (
    <li className="rounded-card border border-line bg-card p-4">
      <div className="flex flex-wrap justify-between gap-x-4">
        <span className="font-semibold">{words.codes.acts[item.act] ?? item.act}</span>
        <span className="tabular text-small text-soft">
          #{item.seq} · {time(item.atMs)}
        </span>
      </div>
      <p className="text-label">
        {item.actor}
        {item.agreedBy !== null && ` · ${words.log.agreedBy(item.agreedBy)}`}
        <span className="text-soft"> · {item.reason}</span>
      </p>
      <p className="text-fine break-all text-soft">{item.subject}</p>
      <details className="mt-2">
        <summary className="min-h-8 cursor-pointer text-small font-semibold text-jade-ink">
          {words.log.before} → {words.log.after}
        </summary>
        <Changes before={stateIn(item.before)} after={stateIn(item.after)} />
      </details>
    </li>
  );
}
