import { type SubmitEvent, useEffect, useState } from 'react';
import { CheckboxButton, CheckboxField } from 'react-aria-components';
import type { ConsoleReply } from '../../../../shared/console/routes.ts';
import { go } from '../../base/address.tsx';
import type { Failed } from '../../base/client.ts';
import { useClient } from '../../base/context.ts';
import { useWords } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { FrontPage } from '../../ui/front-page.tsx';
import { FailedNote, Note } from '../../ui/note.tsx';
import { Qr } from '../../ui/qr.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Tick } from '../../ui/tick.tsx';

type Invitation = ConsoleReply<'lookInvitation'>;
type Accepted = ConsoleReply<'acceptInvitation'>;

/** Somebody has a one-time token: they choose a password, connect an authenticator, and are shown their recovery codes. */
export function InvitationPage() {
  const words = useWords();
  const client = useClient();
  const [token] = useState(() => window.location.hash.slice(1));
  const [looked, setLooked] = useState<Invitation | Failed | null>(null);
  const [accepted, setAccepted] = useState<Accepted | null>(null);
  useEffect(() => {
    void client.ask('lookInvitation', { token }).then((answer) => {
      setLooked(answer.ok ? answer.value : answer.error);
    });
  }, [client, token]);
  const isFirst = looked !== null && 'role' in looked && looked.name === null;
  if (accepted !== null) return <RecoveryCodes accepted={accepted} next={isFirst ? '/set-up' : '/'} />;
  if (looked === null) return <p className="p-8 text-soft">{words.loading}</p>;
  if ('code' in looked) {
    const isGone = looked.code !== 'unreachable' && looked.code !== 'too_many';
    return (
      <FrontPage heading={words.invitation.heading} lead="">
        <FailedNote failed={looked} instead={isGone ? words.invitation.gone : undefined} />
      </FrontPage>
    );
  }
  return <SetUpForm token={token} invitation={looked} onAccepted={setAccepted} />;
}

function SetUpForm({
  token,
  invitation,
  onAccepted,
}: {
  token: string;
  invitation: Invitation;
  onAccepted: (accepted: Accepted) => void;
}) {
  const all = useWords();
  const words = all.invitation;
  const client = useClient();
  const [name, setName] = useState(invitation.name ?? '');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [failed, setFailed] = useState<Failed | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const body = { token, name: name.trim().toLowerCase(), password, code: code.replaceAll(/\s/g, '') };
    const answer = await client.ask('acceptInvitation', body);
    setBusy(false);
    setCode('');
    if (answer.ok) onAccepted(answer.value);
    else setFailed(answer.error);
  };
  const { totpSecret, role } = invitation;
  const account = encodeURIComponent(`Kaimen:${name === '' ? 'admin' : name}`);
  const uri = `otpauth://totp/${account}?secret=${totpSecret}&issuer=Kaimen`;
  const lead = invitation.name === null ? words.first : words.lead(all.codes.roles[role]);
  const isWrong = failed !== null && ['unauthenticated', 'conflict', 'bad_request'].includes(failed.code);
  return (
    <FrontPage heading={words.heading} lead={lead}>
      <form className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
        <TextField
          label={words.name}
          hint={words.nameHint}
          value={name}
          onChange={setName}
          autoComplete="username"
          isRequired
          isReadOnly={invitation.name !== null}
        />
        <TextField
          label={words.password}
          hint={words.passwordHint}
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="new-password"
          minLength={12}
          isRequired
        />
        <div className="flex flex-col gap-2">
          <p className="text-label">{words.scan}</p>
          <Qr text={uri} label={words.qr} />
          <p className="text-label">
            {words.orType} <code className="font-semibold break-all">{totpSecret}</code>
          </p>
        </div>
        <TextField
          label={words.code}
          value={code}
          onChange={setCode}
          autoComplete="one-time-code"
          inputMode="numeric"
          isRequired
        />
        {failed !== null && <FailedNote failed={failed} instead={isWrong ? words.wrong : undefined} />}
        <Button look="primary" type="submit" isDisabled={busy}>
          {words.submit}
        </Button>
      </form>
    </FrontPage>
  );
}

/** `next`: where they go on; whoever is the first sets the service up. */
function RecoveryCodes({ accepted, next }: { accepted: Accepted; next: string }) {
  const words = useWords().invitation;
  const client = useClient();
  const [saved, setSaved] = useState(false);
  const text = accepted.recoveryCodes.join('\n');
  return (
    <FrontPage heading={words.codesHeading} lead={words.codesLead}>
      <Note look="care">
        <ol className="m-0 grid list-none grid-cols-1 gap-2 sm:grid-cols-2 p-0">
          {accepted.recoveryCodes.map((code) => (
            <li key={code}>
              <code className="tabular font-semibold whitespace-nowrap">{code}</code>
            </li>
          ))}
        </ol>
      </Note>
      <CopyButton text={text} />
      <CheckboxField isSelected={saved} onChange={setSaved}>
        <CheckboxButton className="group flex min-h-11 cursor-pointer items-center gap-3">
          <Tick />
          {words.saved}
        </CheckboxButton>
      </CheckboxField>
      <Button
        look="primary"
        isDisabled={!saved}
        onPress={() => {
          go(next, { replace: true });
          client.signedIn(accepted);
        }}
      >
        {words.go}
      </Button>
    </FrontPage>
  );
}
