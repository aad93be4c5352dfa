import { type SubmitEvent, useState } from 'react';
import type { Failed } from '../../base/client.ts';
import { useClient } from '../../base/context.ts';
import { useWords } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { FailedNote } from '../../ui/note.tsx';
import { TextField } from '../../ui/text-field.tsx';

/** Name, password, code. `name`: it is this person who was here. */
export function SignInForm({ name: before }: { name?: string }) {
  const words = useWords().signIn;
  const client = useClient();
  const [name, setName] = useState(before ?? '');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [failed, setFailed] = useState<Failed | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const body = { name: name.trim().toLowerCase(), password, code: code.replaceAll(/\s/g, '') };
    const answer = await client.ask('signIn', body);
    setBusy(false);
    if (answer.ok) client.signedIn(answer.value);
    else setFailed(answer.error);
    // It is used up, or was wrong.
    setCode('');
  };
  const wrong =
    failed?.code === 'unauthenticated' || failed?.code === 'bad_request' ? words.wrong : undefined;
  return (
    <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
      <TextField
        label={words.name}
        value={name}
        onChange={setName}
        autoComplete="username"
        isRequired
        autoFocus={before === undefined}
        isReadOnly={before !== undefined}
      />
      <TextField
        label={words.password}
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="current-password"
        isRequired
        autoFocus={before !== undefined}
      />
      <TextField
        label={words.code}
        hint={words.codeHint}
        value={code}
        onChange={setCode}
        autoComplete="one-time-code"
        isRequired
      />
      {failed !== null && <FailedNote failed={failed} instead={wrong} />}
      <Button look="primary" type="submit" isDisabled={busy}>
        {words.submit}
      </Button>
    </form>
  );
}
