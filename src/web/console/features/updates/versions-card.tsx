import type { Updates } from '../../../../shared/console/updates.schema.ts';
import { useWords } from '../../i18n/words.ts';
import { Card } from '../../ui/bits.tsx';

/** How many run which version: those whose turn it is, and the others. */
export function VersionsCard({ versions }: { versions: Updates['versions'] }) {
  const words = useWords().updates;
  const cell = 'tabular py-2 pl-3 text-right';
  return (
    <Card heading={words.versions}>
      <table className="w-full text-label">
        <thead>
          <tr className="border-b border-line text-small text-soft">
            <th className="py-2 text-left font-semibold">{words.version}</th>
            <th className={`${cell} font-semibold`}>{words.inTurn}</th>
            <th className={`${cell} font-semibold`}>{words.others}</th>
          </tr>
        </thead>
        <tbody>
          {versions.map(({ version, inTurn, others }) => (
            <tr key={version ?? ''} className="border-b border-line last:border-0">
              <th className="py-2 text-left font-semibold break-all">{version ?? words.unknownVersion}</th>
              <td className={cell}>{inTurn}</td>
              <td className={cell}>{others}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
