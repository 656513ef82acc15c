/** What a port number says of raw TCP: custom and no more, since nobody looks into the bytes. */

interface Database {
  name: string;
  /** Who of its clients begin with TLS and send an SNI; null where the protocol begins in plain text, as most do. */
  tlsFirst: string | null;
}

const plain = (name: string): Database => ({ name, tlsFirst: null });

/** The numbers that IANA or the vendor gives. */
const databases = new Map<number, Database>([
  [1433, { name: "SQL Server", tlsFirst: "with TDS 8 (Encrypt=Strict)" }],
  [1521, plain("Oracle Database")],
  [3306, plain("MySQL")],
  [5432, plain("PostgreSQL")],
  [5672, plain("AMQP")],
  [6379, plain("Redis")],
  [6380, { name: "Redis over TLS", tlsFirst: "always" }],
  [9042, plain("Cassandra")],
  [9092, plain("Kafka")],
  [11211, plain("memcached")],
  [27017, { name: "MongoDB", tlsFirst: "with MongoDB Atlas" }],
]);

/**
 * Why a TCP port stays TCP, for one where a database is to be expected; null for others. Istio knows Mongo, MySQL and Redis by name and
 * can put a filter into their way (istio pilot/pkg/features/xds.go): nobody asked for that, and TCP passes all of them.
 */
export function databaseReason(port: number): string | null {
  const found = databases.get(port);
  return found === undefined
    ? null
    : `Port ${port} is ${found.name}'s by custom: as TCP it is passed on unread, with whatever TLS it agrees on inside.`;
}

/** What to mind of a TCP port whose clients may begin with TLS; null for others. */
export function databaseWarning(port: number): string | null {
  const found = databases.get(port);
  if (found === undefined || found.tlsFirst === null) return null;
  return `Clients of ${found.name} begin with TLS ${found.tlsFirst}: if yours send an SNI, an entry for TLS by name needs no addresses and follows every move.`;
}
