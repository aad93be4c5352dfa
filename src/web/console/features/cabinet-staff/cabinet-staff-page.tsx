import { useState } from 'react';
import type { CabinetStaffMember } from '../../../../shared/console/cabinet-staff.schema.ts';
import { useFormat } from '../../base/format.ts';
import { useLoad } from '../../base/load.ts';
import { useWords } from '../../i18n/words.ts';
import { Chip, PageHead, Waiting } from '../../ui/bits.tsx';
import { Button } from '../../ui/button.tsx';
import { Note } from '../../ui/note.tsx';
import { CabinetStaffDialog, type Doing, type Given, inFours } from './cabinet-staff-dialog.tsx';

/** Who opens service mode at cabinets: restockers, technicians, administrators. */
export function CabinetStaffPage() {
  const words = useWords();
  const { value, failed, reload } = useLoad('cabinetStaff');
  const [doing, setDoing] = useState<Doing | null>(null);
  const [given, setGiven] = useState<Given | null>(null);
  return (
    <div className="flex flex-col gap-4">
      <PageHead heading={words.cabinetStaff.heading} lead={words.cabinetStaff.lead}>
        <Button
          look="primary"
          onPress={() => {
            setDoing({ what: 'set', of: null });
          }}
        >
          {words.cabinetStaff.add}
        </Button>
      </PageHead>
      {given !== null && <GivenOnce given={given} />}
      {value === null ? (
        <Waiting failed={failed} retry={reload} />
      ) : value.length === 0 ? (
        <p className="rounded-card border border-line bg-card p-8 text-center text-soft">
          {words.cabinetStaff.empty}
        </p>
      ) : (
        <ul className="flex flex-col gap-2">
          {value.map((member) => (
            <MemberRow key={member.staffNo} member={member} onDo={setDoing} />
          ))}
        </ul>
      )}
      {doing !== null && (
        <CabinetStaffDialog
          doing={doing}
          onClose={() => {
            setDoing(null);
            // Where somebody was quicker, whoever gives up looks at how it is now.
            reload();
          }}
          onDone={(made) => {
            setDoing(null);
            setGiven(made);
            reload();
          }}
        />
      )}
    </div>
  );
}

function MemberRow({ member, onDo }: { member: CabinetStaffMember; onDo: (doing: Doing) => void }) {
  const words = useWords().cabinetStaff;
  const { staffNo, name, role, cabinets, isActive, hasPin } = member;
  const acts = isActive ? (['set', 'pin', 'code', 'remove'] as const) : (['set'] as const);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card border border-line bg-card p-4">
      <div className="flex min-w-40 grow flex-col">
        <span className="font-semibold break-all">
          {staffNo} · {name}
        </span>
        <span className="text-small break-all text-soft">
          {words.roles[role]} · {cabinets === null ? words.all : cabinets.join(', ')}
        </span>
      </div>
      <Chip look={!isActive ? 'plain' : hasPin ? 'good' : 'care'}>
        {!isActive ? words.gone : hasPin ? words.hasPin : words.noPin}
      </Chip>
      <div className="flex flex-wrap gap-2" role="group" aria-label={`${staffNo} ${name}`}>
        {acts.map((what) => (
          <Button
            key={what}
            onPress={() => {
              onDo({ what, of: member });
            }}
          >
            {words[what]}
          </Button>
        ))}
      </div>
    </li>
  );
}

/** Said once: nobody can look it up again. */
function GivenOnce({ given }: { given: Given }) {
  const words = useWords().cabinetStaff;
  const { time } = useFormat();
  const secret = (text: string, id: string) => (
    <p className="my-2 rounded-field bg-card px-3 py-2">
      <code data-testid={id}>{inFours(text)}</code>
    </p>
  );
  if (given.what === 'code')
    return (
      <Note look="good">
        <p className="font-semibold">{words.givenCode(given.staffNo, given.cabinetId)}</p>
        <p>{words.givenCodeLead(time(given.goodUntilMs))}</p>
        {secret(given.code, 'service-code')}
      </Note>
    );
  return (
    <Note look="good">
      <p className="font-semibold">{words.givenPin(given.staffNo)}</p>
      <p>{words.givenPinLead}</p>
      {secret(given.pin, 'given-pin')}
      <p>{words.duress}</p>
      {secret(given.duressPin, 'duress-pin')}
    </Note>
  );
}
