import { useState } from 'react';
import type { CabinetStaffMember } from '../../../../shared/console/cabinet-staff.schema.ts';
import { type ServiceRole, serviceRoles } from '../../../../shared/model/service.ts';
import type { Failed } from '../../base/client.ts';
import { useClient } from '../../base/context.ts';
import { useWords } from '../../i18n/words.ts';
import { Choice } from '../../ui/choice.tsx';
import { DialogBox } from '../../ui/dialog.tsx';
import { ReasonForm } from '../../ui/reason-form.tsx';
import { TextField } from '../../ui/text-field.tsx';

export type Doing =
  | { readonly what: 'set'; readonly of: CabinetStaffMember | null }
  | { readonly what: 'pin' | 'code' | 'remove'; readonly of: CabinetStaffMember };
/** What is said once. */
export type Given =
  | { readonly what: 'pin'; readonly staffNo: string; readonly pin: string; readonly duressPin: string }
  | {
      readonly what: 'code';
      readonly staffNo: string;
      readonly cabinetId: string;
      readonly code: string;
      readonly goodUntilMs: number;
    };

/** As it is read out. */
export function inFours(digits: string): string {
  return digits.replace(/(\d{4})(?=\d)/g, '$1 ');
}

interface DialogProps {
  readonly doing: Doing;
  readonly onClose: () => void;
  readonly onDone: (given: Given | null) => void;
}

/** One act on one person, with the reason for it. */
export function CabinetStaffDialog({ doing, onClose, onDone }: DialogProps) {
  const words = useWords().cabinetStaff;
  const client = useClient();
  const { what, of } = doing;
  const [staffNo, setStaffNo] = useState(of?.staffNo ?? '');
  const [name, setName] = useState(of?.name ?? '');
  const [role, setRole] = useState<ServiceRole>(of?.role ?? 'restocker');
  const [cabinets, setCabinets] = useState(of?.cabinets?.join(' ') ?? '');
  const [cabinetId, setCabinetId] = useState('');
  const params = { staffNo: staffNo.trim() };
  const submit = async (reason: string): Promise<Failed | null> => {
    if (what === 'pin') {
      const answer = await client.ask('givePin', { reason, version: of.version }, params);
      if (!answer.ok) return answer.error;
      onDone({ what, ...params, ...answer.value });
      return null;
    }
    if (what === 'code') {
      const asked = { cabinetId: cabinetId.trim(), reason };
      const answer = await client.ask('serviceCode', asked, params);
      if (!answer.ok) return answer.error;
      onDone({ what, ...params, cabinetId: asked.cabinetId, ...answer.value });
      return null;
    }
    const ids = cabinets.split(/[\s,，]+/).filter((id) => id !== '');
    const said = { name: name.trim(), role, cabinets: ids.length === 0 ? null : ids, reason };
    const answer =
      what === 'remove'
        ? await client.ask('removeCabinetStaff', { reason, version: of.version }, params)
        : await client.ask('setCabinetStaff', { ...said, version: of?.version ?? null }, params);
    if (!answer.ok) return answer.error;
    onDone(null);
    return null;
  };
  const heading = of === null ? words.add : `${words[what]}: ${of.staffNo} ${of.name}`;
  return (
    <DialogBox heading={heading} onClose={onClose}>
      {what !== 'set' && <p className="text-label text-soft">{words[`${what}Lead`]}</p>}
      <ReasonForm
        label={words.reason}
        submit={what === 'set' ? words.save : what === 'remove' ? words.remove : words.give}
        wrong={words.bad}
        isGrave={what === 'remove'}
        onCancel={onClose}
        onSubmit={submit}
      >
        {what === 'code' && (
          <TextField label={words.cabinet} value={cabinetId} onChange={setCabinetId} isRequired autoFocus />
        )}
        {what === 'set' && (
          <>
            <TextField
              label={words.staffNo}
              hint={words.staffNoHint}
              value={staffNo}
              onChange={setStaffNo}
              maxLength={6}
              isReadOnly={of !== null}
              isRequired
              autoFocus
            />
            <TextField label={words.name} value={name} onChange={setName} maxLength={40} isRequired />
            <Choice
              label={words.role}
              value={role}
              onChange={setRole}
              options={serviceRoles.map((id) => ({ id, text: words.roles[id] }))}
            />
            <p className="text-fine text-soft">{words.roleCan[role]}</p>
            <TextField
              label={words.cabinets}
              hint={words.cabinetsHint}
              value={cabinets}
              onChange={setCabinets}
            />
          </>
        )}
      </ReasonForm>
    </DialogBox>
  );
}
