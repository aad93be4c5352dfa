/** The cabinet, closed and calm; its light is on (or off while it is out of service). */
export function ClosedCabinet({ asleep = false }: { asleep?: boolean }) {
  const goods = asleep ? 0.35 : 1;
  return (
    <div className="grid h-full place-items-center">
      <svg viewBox="0 0 420 440" className="h-full max-h-760 w-full" aria-hidden="true">
        <ellipse cx="210" cy="418" rx="170" ry="15" fill="var(--ink)" opacity="0.07" />
        <rect
          x="80"
          y="18"
          width="260"
          height="396"
          rx="28"
          fill="var(--card)"
          stroke="var(--line)"
          strokeWidth="8"
        />
        <rect
          x="104"
          y="42"
          width="212"
          height="348"
          rx="14"
          fill={asleep ? 'var(--sunk)' : 'var(--tint-yellow)'}
        />
        <path d="M104 158h212M104 274h212" stroke="var(--line)" strokeWidth="10" />
        <g opacity={goods}>
          <rect x="126" y="92" width="44" height="62" rx="10" fill="#e4533f" />
          <rect x="192" y="80" width="36" height="74" rx="14" fill="#5fa8d6" />
          <rect x="248" y="98" width="50" height="56" rx="8" fill="#f0b63a" />
          <rect x="128" y="212" width="54" height="58" rx="8" fill="#7fb069" />
          <rect x="202" y="204" width="36" height="66" rx="9" fill="#d86b52" />
          <rect x="256" y="200" width="42" height="70" rx="10" fill="#8a6a52" />
          <rect x="126" y="328" width="60" height="58" rx="10" fill="#e79ab2" />
          <rect x="206" y="316" width="38" height="70" rx="12" fill="#e98a2d" />
          <rect x="262" y="334" width="38" height="52" rx="8" fill="#4f8fbf" />
        </g>
        <path
          d="M132 42l-28 90V56a14 14 0 0 1 14-14zM250 42L148 390h-44V318L186 42z"
          fill="#fff"
          className="opacity-22 night:opacity-6"
        />
        <path d="M210 42v348" stroke="var(--jade)" strokeWidth="7" />
        <path d="M196 196v52M224 196v52" stroke="var(--jade)" strokeWidth="9" strokeLinecap="round" />
      </svg>
    </div>
  );
}
