/** Where to hold the phone: it comes down to the scanner's light and rests there; the light sweeps over the code. */
export function HoldPhone() {
  return (
    <svg viewBox="40 0 320 440" className="h-full w-full" aria-hidden="true">
      <defs>
        <linearGradient id="scan-light" x1="0" y1="1" x2="0" y2="0">
          <stop offset="0" stopColor="var(--jade)" stopOpacity="0.55" />
          <stop offset="1" stopColor="var(--jade)" stopOpacity="0" />
        </linearGradient>
      </defs>
      <ellipse cx="200" cy="418" rx="150" ry="16" fill="var(--ink)" opacity="0.08" />
      <path d="M128 372 L86 210 H314 L272 372z" fill="url(#scan-light)" opacity="0.55" />
      <g style={{ animation: 'phone-in 3s ease-in-out infinite' }}>
        <rect x="118" y="34" width="164" height="288" rx="28" fill="var(--ink)" />
        <rect x="128" y="44" width="144" height="268" rx="20" fill="var(--card)" />
        <rect x="176" y="54" width="48" height="10" rx="5" fill="var(--ink)" />
        <rect x="158" y="84" width="84" height="14" rx="7" fill="var(--line)" />
        <PhoneCode />
        <rect x="150" y="262" width="100" height="14" rx="7" fill="var(--line)" />
        <rect x="168" y="286" width="64" height="10" rx="5" fill="var(--line)" opacity="0.6" />
        <path
          d="M136 176h128"
          stroke="var(--jade)"
          strokeWidth="6"
          strokeLinecap="round"
          style={{ animation: 'beam 1.5s ease-in-out infinite' }}
        />
      </g>
      <path
        d="M84 356h232a20 20 0 0 1 20 20v26a14 14 0 0 1-14 14H78a14 14 0 0 1-14-14v-26a20 20 0 0 1 20-20z"
        fill="var(--ink)"
      />
      <rect x="120" y="366" width="160" height="22" rx="11" fill="var(--jade)" />
      <rect x="140" y="372" width="120" height="10" rx="5" fill="var(--card)" opacity="0.75" />
    </svg>
  );
}

function PhoneCode() {
  const eye = (x: number, y: number) => (
    <g key={`${x}-${y}`}>
      <rect x={x} y={y} width="34" height="34" rx="6" fill="none" stroke="var(--ink)" strokeWidth="8" />
      <rect x={x + 11} y={y + 11} width="12" height="12" rx="2" fill="var(--ink)" />
    </g>
  );
  const dots: readonly (readonly [number, number])[] = [
    [204, 122],
    [204, 140],
    [190, 158],
    [212, 176],
    [230, 176],
    [248, 176],
    [196, 194],
    [214, 206],
    [232, 194],
    [246, 212],
    [204, 226],
    [226, 230],
    [150, 180],
    [168, 176],
    [186, 176],
    [244, 232],
  ];
  return (
    <g>
      {eye(148, 118)}
      {eye(222, 118)}
      {eye(148, 200)}
      {dots.map(([x, y]) => (
        <rect key={`${x}-${y}`} x={x} y={y} width="12" height="12" rx="2" fill="var(--ink)" />
      ))}
    </g>
  );
}
