import {
  type FaceTemplate,
  enrolFace,
  matchFace,
  templateFrameMin,
} from '../../src/core/identity/face-match.ts';
import type { Descriptor } from '../../src/shared/model/face.schema.ts';
import { share } from './tally.ts';

/**
 * Every usable picture of every person in turn: looked up with a template of that person's other pictures (is it known?),
 * and with none of that person (is it taken for somebody else?). Many more trials than one probe a person gives; one
 * frame each, so "2 of 3 frames" does not help. `people`: descriptors by person.
 */
export function leaveOneOut(people: ReadonlyMap<string, readonly Descriptor[]>): object {
  const templates = new Map<string, FaceTemplate>();
  for (const [person, descriptors] of people) {
    const template = enrolFace([], person, descriptors);
    if (template.ok) templates.set(person, template.value);
  }
  const count = { known: 0, accepted: 0, strangers: 0, strangersAccepted: 0, acceptedAsSomebodyElse: 0 };
  for (const [person, descriptors] of people) {
    const others = [...templates.values()].filter(({ memberId }) => memberId !== person);
    for (const [i, probe] of descriptors.entries()) {
      count.strangers++;
      if (accepted(others, probe) !== null) count.strangersAccepted++;
      if (descriptors.length <= templateFrameMin) continue;
      const own = enrolFace([], person, descriptors.toSpliced(i, 1));
      if (!own.ok) continue;
      count.known++;
      const who = accepted([...others, own.value], probe);
      if (who === person) count.accepted++;
      else if (who !== null) count.acceptedAsSomebodyElse++;
    }
  }
  return { ...count, acceptedShare: share(count.accepted, count.known) };
}

function accepted(gallery: readonly FaceTemplate[], probe: Descriptor): string | null {
  const match = matchFace(gallery, probe);
  if (!match.ok) throw new Error(match.error.message);
  return match.value.kind === 'accept' ? match.value.memberId : null;
}
