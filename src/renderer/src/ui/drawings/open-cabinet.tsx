/** An open cabinet. `take`: it waits for somebody to take something; `close`: the door wants to be shut. */
export function OpenCabinet({ wants }: { wants: 'take' | 'close' }) {
  return (
    <div className="grid h-full place-items-center">
      <svg viewBox="0 0 520 440" className="h-full max-h-720 w-full" aria-hidden="true">
        <ellipse cx="250" cy="416" rx="210" ry="16" fill="var(--ink)" opacity="0.07" />
        <rect
          x="90"
          y="24"
          width="250"
          height="390"
          rx="26"
          fill="var(--card)"
          stroke="var(--line)"
          strokeWidth="8"
        />
        <rect x="112" y="46" width="206" height="346" rx="12" fill="var(--sunk)" />
        <path d="M112 160h206M112 274h206" stroke="var(--line)" strokeWidth="10" />
        <path d="M112 46h206v26H112z" fill="var(--glass)" opacity="0.5" />
        <g>
          <rect x="134" y="92" width="44" height="64" rx="10" fill="#e4533f" />
          <rect x="196" y="82" width="36" height="74" rx="14" fill="#5fa8d6" />
          <rect x="250" y="100" width="50" height="56" rx="8" fill="#f0b63a" />
          <rect x="138" y="212" width="52" height="58" rx="8" fill="#7fb069" />
          <rect x="246" y="200" width="44" height="70" rx="10" fill="#8a6a52" />
          <rect x="134" y="330" width="60" height="58" rx="10" fill="#e79ab2" />
          <rect x="214" y="318" width="38" height="70" rx="12" fill="#e98a2d" />
        </g>
        <path
          d="M340 30l110 44v300l-110 36z"
          fill="var(--jade-soft)"
          stroke="var(--jade)"
          strokeWidth="8"
          strokeLinejoin="round"
        />
        <path d="M372 190v60" stroke="var(--jade)" strokeWidth="12" strokeLinecap="round" />
        {wants === 'take' ? <TakeArrow /> : <CloseArrow />}
      </svg>
    </div>
  );
}

function TakeArrow() {
  return (
    <g style={{ animation: 'pull 1.8s ease-in-out infinite' }}>
      <rect
        x="204"
        y="208"
        width="36"
        height="62"
        rx="9"
        fill="none"
        stroke="var(--ink)"
        strokeWidth="5"
        strokeDasharray="9 9"
        opacity="0.5"
      />
      <path d="M226 240h60m-22-20l22 20-22 20" {...arrow} stroke="var(--jade)" />
    </g>
  );
}

function CloseArrow() {
  return (
    <g style={{ animation: 'pull 1.8s ease-in-out infinite' }}>
      <circle cx="424" cy="300" r="62" fill="var(--cinnabar-soft)" />
      <path d="M456 300h-62m26-26l-26 26 26 26" {...arrow} stroke="var(--cinnabar)" />
    </g>
  );
}

const arrow = { fill: 'none', strokeWidth: 12, strokeLinecap: 'round', strokeLinejoin: 'round' } as const;
