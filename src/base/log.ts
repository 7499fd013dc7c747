import type { Clock } from './clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One log line: a constant message and its particulars. */
export interface LogRecord {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Structured logging: `log.info('constant message', { key })`. Child loggers carry component, request id or key.
 * Values under secret-looking keys are never written.
 */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  child(fields: Record<string, unknown>): Logger;
}

const order: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };
const secretKey = /^(authorization|token|password|secret|data|stringData|privateKey)$/i;

/** A logger that hands each record at or above `level` to `sink`. */
export function createLogger(
  clock: Clock,
  sink: (record: LogRecord) => void,
  level: LogLevel = 'info',
  context: Record<string, unknown> = {},
): Logger {
  const write = (at: LogLevel) => (message: string, fields?: Record<string, unknown>) => {
    if (order[at] < order[level]) return;
    sink({ time: new Date(clock.wall()).toISOString(), level: at, message, fields: { ...context, ...fields } });
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => createLogger(clock, sink, level, { ...context, ...fields }),
  };
}

/** One JSON line per record, secrets redacted, errors with their stack. */
export function formatRecord(record: LogRecord): string {
  return JSON.stringify(
    { time: record.time, level: record.level, msg: record.message, ...record.fields },
    (key, value) => {
      if (secretKey.test(key) && value !== undefined) return '[redacted]';
      if (value instanceof Error) return value.stack ?? value.message;
      if (typeof value === 'bigint') return value.toString();
      return value;
    },
  );
}

/** Swallows everything. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};
