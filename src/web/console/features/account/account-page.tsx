import { type SubmitEvent, useState } from 'react';
import type { Failed } from '../../base/client.ts';
import { useClient, useSession } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { useWords } from '../../i18n/words.ts';
import { Card, PageHead } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { FailedNote, Note } from '../../ui/note.tsx';
import { SettingsBar } from '../../ui/settings-bar.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** Few enough to have new ones made. */
const fewCodes = 3;

export function AccountPage() {
  const words = useWords();
  const { time } = useFormat();
  const client = useClient();
  const { name, role, recoveryCodesLeft, endsAtMs } = useSession();
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.account.heading} lead={words.signedInAs(name, words.codes.roles[role])}>
        <Button onPress={() => void client.signOut()}>{words.signOut}</Button>
      </PageHead>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Card heading={words.account.role}>
          <p className="text-label">{words.codes.roleCan[role]}</p>
          <p className="text-label">{words.account.codesLeft(recoveryCodesLeft)}</p>
          {recoveryCodesLeft < fewCodes && <Note look="care">{words.account.codesFew}</Note>}
          <p className="text-label text-soft">{words.account.ends(time(endsAtMs))}</p>
        </Card>
        <Card heading={words.account.look}>
          <SettingsBar />
        </Card>
        <Card heading={words.account.change}>
          <PasswordForm name={name} />
        </Card>
      </div>
    </div>
  );
}

function PasswordForm({ name }: { name: string }) {
  const words = useWords();
  const client = useClient();
  const [password, setPassword] = useState('');
  const [next, setNext] = useState('');
  const [code, setCode] = useState('');
  const [done, setDone] = useState<Failed | 'changed' | null>(null);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const answer = await client.ask('changePassword', { password, next, code: code.replaceAll(/\s/g, '') });
    setCode('');
    if (!answer.ok) {
      setDone(answer.error);
      return;
    }
    client.signedIn(answer.value);
    setPassword('');
    setNext('');
    setDone('changed');
  };
  return (
    <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
      {/* For the browser's own store of passwords. */}
      <input type="text" value={name} readOnly hidden autoComplete="username" />
      <TextField
        label={words.account.now}
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        isRequired
      />
      <TextField
        label={words.account.next}
        hint={words.invitation.passwordHint}
        type="password"
        autoComplete="new-password"
        minLength={12}
        value={next}
        onChange={setNext}
        isRequired
      />
      <TextField
        label={words.signIn.code}
        hint={words.signIn.codeHint}
        autoComplete="one-time-code"
        value={code}
        onChange={setCode}
        isRequired
      />
      {done === 'changed' && (
        <Note look="good" alert>
          {words.account.changed}
        </Note>
      )}
      {done !== null && done !== 'changed' && (
        <FailedNote
          failed={done}
          instead={done.code === 'unauthenticated' ? words.account.wrong : undefined}
        />
      )}
      <Button look="primary" type="submit">
        {words.account.change}
      </Button>
    </form>
  );
}
