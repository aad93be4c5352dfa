/** x to the right, y down, in pixels; the middle of the first pixel is (0.5, 0.5). */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Turning, scaling and shifting: u = a·x − b·y + tx, v = b·x + a·y + ty. */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly tx: number;
  readonly ty: number;
}

/** Side of the aligned face, pixels. */
export const alignedSize = 112;

/**
 * Where eyes, nose and corners of the mouth lie in the aligned face: the template that ArcFace models are trained on
 * (insightface, `face_align.py`, 112×112).
 */
const template: readonly Point[] = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
];

/** Landmarks 36–41 and 42–47 are the eyes, 30 the tip of the nose, 48 and 54 the corners of the mouth (iBUG 68). */
const leftEye = [36, 37, 38, 39, 40, 41];
const rightEye = [42, 43, 44, 45, 46, 47];
const noseTip = 30;
const mouthLeft = 48;
const mouthRight = 54;

export interface FivePoints {
  /** As seen in the picture, not the person's own left. */
  readonly leftEye: Point;
  readonly rightEye: Point;
  readonly nose: Point;
  readonly mouthLeft: Point;
  readonly mouthRight: Point;
}

/** The five points that an embedder is aligned by, out of the 68 landmarks. */
export function fivePoints(landmarks: readonly Point[]): FivePoints {
  return {
    leftEye: meanOf(landmarks, leftEye),
    rightEye: meanOf(landmarks, rightEye),
    nose: meanOf(landmarks, [noseTip]),
    mouthLeft: meanOf(landmarks, [mouthLeft]),
    mouthRight: meanOf(landmarks, [mouthRight]),
  };
}

/** Height over width of the eyes, mean of both (Soukupová and Čech 2016, eye aspect ratio). */
export function eyeOpenness(landmarks: readonly Point[]): number {
  const ratio = (eye: readonly number[]): number => {
    const [p0, p1, p2, p3, p4, p5] = eye.map((i) => at(landmarks, i)) as [
      Point,
      Point,
      Point,
      Point,
      Point,
      Point,
    ];
    return (distance(p1, p5) + distance(p2, p4)) / (2 * distance(p0, p3));
  };
  return (ratio(leftEye) + ratio(rightEye)) / 2;
}

/** The similarity that brings the five points closest to the template, by least squares (Umeyama 1991, 2-D, closed form). */
export function alignment(points: FivePoints): Similarity {
  const from = [points.leftEye, points.rightEye, points.nose, points.mouthLeft, points.mouthRight];
  const middle = meanOf(from, [0, 1, 2, 3, 4]);
  const target = meanOf(template, [0, 1, 2, 3, 4]);
  let along = 0;
  let across = 0;
  let spread = 0;
  for (const [i, point] of from.entries()) {
    const x = point.x - middle.x;
    const y = point.y - middle.y;
    const u = at(template, i).x - target.x;
    const v = at(template, i).y - target.y;
    along += x * u + y * v;
    across += x * v - y * u;
    spread += x * x + y * y;
  }
  const a = along / spread;
  const b = across / spread;
  return {
    a,
    b,
    tx: target.x - a * middle.x + b * middle.y,
    ty: target.y - b * middle.x - a * middle.y,
  };
}

/** The similarity that goes back. */
export function inverse(s: Similarity): Similarity {
  const square = s.a * s.a + s.b * s.b;
  const a = s.a / square;
  const b = -s.b / square;
  return { a, b, tx: -(a * s.tx - b * s.ty), ty: -(b * s.tx + a * s.ty) };
}

export function apply(s: Similarity, point: Point): Point {
  return { x: s.a * point.x - s.b * point.y + s.tx, y: s.b * point.x + s.a * point.y + s.ty };
}

export function distance(p: Point, q: Point): number {
  return Math.hypot(p.x - q.x, p.y - q.y);
}

function meanOf(points: readonly Point[], indices: readonly number[]): Point {
  let x = 0;
  let y = 0;
  for (const i of indices) {
    x += at(points, i).x;
    y += at(points, i).y;
  }
  return { x: x / indices.length, y: y / indices.length };
}

function at(points: readonly Point[], index: number): Point {
  const point = points[index];
  if (point === undefined) throw new RangeError(`no landmark ${index}`);
  return point;
}
