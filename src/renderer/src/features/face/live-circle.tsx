import { ArrowLeft, ArrowRight, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { FaceGuide } from '../../../../shared/model/face-view.schema.ts';
import { FaceOutline } from '../../ui/drawings/face-outline.tsx';
import type { LivePicture } from './camera/use-face-camera.ts';

interface CircleProps {
  readonly picture: LivePicture;
  readonly guide: FaceGuide;
  /** 0 to 1: how far the ring around the picture is filled. */
  readonly progress: number;
}

/**
 * The camera as a mirror in a circle, as large as its place allows. Mirrored, so that the shopper's own left is on the
 * left of the screen: the arrows stand on the side to turn to.
 */
export function LiveCircle({ picture: { stream, rotation, attach }, guide, progress }: CircleProps) {
  const { t } = useTranslation();
  return (
    <div className="grid h-full place-items-center [container-type:size]">
      <div className="relative grid size-[min(100cqw,100cqh)] place-items-center text-jade">
        <span className="absolute inset-[4.5%] overflow-hidden rounded-full">
          {stream === null ? (
            <FaceOutline />
          ) : (
            <video
              ref={attach}
              data-testid="live-picture"
              aria-hidden="true"
              autoPlay
              muted
              playsInline
              className="h-full w-full -scale-x-100 object-cover"
              // CSS mirrors first and turns then: the other way round.
              style={rotation === 0 ? undefined : { rotate: `${-rotation}deg` }}
            />
          )}
        </span>
        <svg
          viewBox="0 0 100 100"
          role="img"
          aria-label={`${t('face.looking.progress')} ${Math.round(progress * 100)} %`}
          className="absolute inset-0 h-full w-full -rotate-90"
        >
          <circle cx="50" cy="50" r="48" fill="none" stroke="var(--line)" strokeWidth="2.4" />
          <circle
            cx="50"
            cy="50"
            r="48"
            fill="none"
            stroke="currentColor"
            strokeWidth="2.4"
            strokeLinecap="round"
            pathLength="1"
            strokeDasharray="1 2"
            strokeDashoffset={1 - progress}
            opacity={progress > 0 ? 1 : 0}
            className="transition-[stroke-dashoffset] duration-200"
          />
        </svg>
        {guide === 'turn_left' && <Turn side="left-0" icon={ArrowLeft} />}
        {guide === 'turn_right' && <Turn side="right-0" icon={ArrowRight} />}
      </div>
    </div>
  );
}

function Turn({ side, icon: Icon }: { side: string; icon: LucideIcon }) {
  return (
    <span
      className={
        `absolute top-1/2 grid size-160 -translate-y-1/2 place-items-center ` +
        `rounded-full bg-jade text-on-jade shadow-card ${side}`
      }
    >
      <Icon className="size-96" strokeWidth={3} aria-hidden="true" />
    </span>
  );
}
