import { useState } from 'react';
import { type StaffRole, staffRoles } from '../../../../shared/console/roles.ts';
import type { ConsoleReply } from '../../../../shared/console/routes.ts';
import type { Failed } from '../../base/client.ts';
import { useClient, useSession } from '../../base/context.ts';
import { useFormat } from '../../base/format.ts';
import { useLoad } from '../../base/load.ts';
import { useWords } from '../../i18n/words.ts';
import { Chip, PageHead, Waiting } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { DialogBox } from '../../ui/dialog.tsx';
import { Note } from '../../ui/note.tsx';
import { ReasonForm } from '../../ui/reason-form.tsx';
import { TextField } from '../../ui/text-field.tsx';

type Account = ConsoleReply<'staff'>[number];
type Doing =
  | { readonly what: 'invite' }
  | { readonly what: 'reset' | 'change' | 'confirm' | 'disable'; readonly of: Account };
interface Link {
  readonly name: string;
  readonly href: string;
  readonly endsAtMs: number;
}

/** The accounts of the people who work here. */
export function StaffPage() {
  const words = useWords();
  const { value, failed, reload } = useLoad('staff');
  const [doing, setDoing] = useState<Doing | null>(null);
  const [link, setLink] = useState<Link | null>(null);
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.staff.heading} lead={words.staff.lead}>
        <Button
          look="primary"
          onPress={() => {
            setDoing({ what: 'invite' });
          }}
        >
          {words.staff.invite}
        </Button>
      </PageHead>
      {link !== null && <OneTimeLink link={link} />}
      {value === null ? (
        <Waiting failed={failed} retry={reload} />
      ) : (
        <ul className="flex flex-col gap-2">
          {value.map((account) => (
            <AccountRow key={account.accountId} account={account} onDo={setDoing} />
          ))}
        </ul>
      )}
      {doing !== null && (
        <StaffDialog
          doing={doing}
          onClose={() => {
            setDoing(null);
            // Where somebody was quicker, whoever gives up looks at how it is now.
            reload();
          }}
          onDone={(made) => {
            setDoing(null);
            setLink(made);
            reload();
          }}
        />
      )}
    </div>
  );
}

function AccountRow({ account, onDo }: { account: Account; onDo: (doing: Doing) => void }) {
  const words = useWords();
  const { time } = useFormat();
  const me = useSession();
  const isMe = account.accountId === me.accountId;
  const { name, role, state, seenAtMs, counts, changedBy } = account;
  const mayConfirm = state === 'active' && !counts && changedBy !== me.accountId;
  const button = (what: 'reset' | 'change' | 'confirm' | 'disable') => (
    <Button
      key={what}
      onPress={() => {
        onDo({ what, of: account });
      }}
    >
      {words.staff[what]}
    </Button>
  );
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card border border-line bg-card p-4">
      <div className="flex min-w-40 grow flex-col">
        <span className="font-semibold break-all">
          {name ?? '–'} {isMe && <span className="text-soft">{words.staff.you}</span>}
        </span>
        <span className="text-small text-soft">
          {words.codes.roles[role]} · {words.staff.seen}:{' '}
          {seenAtMs === null ? words.staff.never : time(seenAtMs)}
        </span>
        {state !== 'disabled' && !counts && (
          <span className="text-small text-amber-ink">{words.staff.unconfirmed}</span>
        )}
      </div>
      <Chip look={state === 'active' ? 'good' : state === 'invited' ? 'care' : 'plain'}>
        {words.staff.states[state]}
      </Chip>
      {!isMe && (
        <div
          className="flex flex-wrap gap-2"
          role="group"
          aria-label={`${words.staff.actions}: ${name ?? ''}`}
        >
          {mayConfirm && button('confirm')}
          {state === 'active' && button('change')}
          {button('reset')}
          {state !== 'disabled' && button('disable')}
        </div>
      )}
    </li>
  );
}

function OneTimeLink({ link }: { link: Link }) {
  const words = useWords();
  const { time } = useFormat();
  return (
    <Note look="good">
      <p className="font-semibold">{words.staff.made}</p>
      <p>{words.staff.madeLead(link.name, time(link.endsAtMs))}</p>
      <p className="my-2 rounded-field bg-card px-3 py-2 break-all">
        <code data-testid="one-time-link">{link.href}</code>
      </p>
      <CopyButton text={link.href} />
    </Note>
  );
}

function StaffDialog({
  doing,
  onClose,
  onDone,
}: {
  doing: Doing;
  onClose: () => void;
  onDone: (link: Link | null) => void;
}) {
  const words = useWords();
  const client = useClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<StaffRole>(doing.what === 'invite' ? 'support' : doing.of.role);
  const submit = async (reason: string): Promise<Failed | null> => {
    if (doing.what === 'invite' || doing.what === 'reset') {
      const answer =
        doing.what === 'invite'
          ? await client.ask('invite', { name: name.trim().toLowerCase(), role, reason })
          : await client.ask(
              'resetAccount',
              { reason, version: doing.of.version },
              { accountId: doing.of.accountId },
            );
      if (!answer.ok) return answer.error;
      const { token, endsAtMs } = answer.value;
      // Behind the #: no server and no log sees it.
      const href = `${window.location.origin}/invitation#${token}`;
      const of = doing.what === 'invite' ? name : (doing.of.name ?? '');
      onDone({ name: of, href, endsAtMs });
      return null;
    }
    const { accountId, version } = doing.of;
    const params = { accountId };
    const answer =
      doing.what === 'change'
        ? await client.ask('changeRole', { role, reason, version }, params)
        : await client.ask(
            doing.what === 'confirm' ? 'confirmAccount' : 'disableAccount',
            { reason, version },
            params,
          );
    if (!answer.ok) return answer.error;
    onDone(null);
    return null;
  };
  const asksRole = doing.what === 'invite' || doing.what === 'change';
  const title =
    doing.what === 'invite' ? words.staff.invite : `${words.staff[doing.what]}: ${doing.of.name ?? ''}`;
  return (
    <DialogBox heading={title} onClose={onClose}>
      {doing.what !== 'invite' && <p className="text-label text-soft">{words.staff[`${doing.what}Lead`]}</p>}
      <ReasonForm
        label={words.staff.reason}
        submit={doing.what === 'invite' ? words.staff.send : words.staff[doing.what]}
        conflict={words.staff.conflict}
        isGrave={doing.what === 'disable'}
        onCancel={onClose}
        onSubmit={submit}
      >
        {doing.what === 'invite' && (
          <TextField
            label={words.staff.name}
            hint={words.invitation.nameHint}
            value={name}
            onChange={setName}
            isRequired
            autoFocus
          />
        )}
        {asksRole && (
          <>
            <Choice
              label={words.staff.role}
              value={role}
              onChange={setRole}
              options={staffRoles.map((id) => ({ id, text: words.codes.roles[id] }))}
            />
            <p className="text-fine text-soft">{words.codes.roleCan[role]}</p>
          </>
        )}
      </ReasonForm>
    </DialogBox>
  );
}
