/** Where what can be made or fetched again is kept. Pure. */

/**
 * Where the platform wants it; null where it wants it nowhere: on Lambda, and for a user without a home.
 * @see XDG Base Directory Specification, `$XDG_CACHE_HOME`: a path that is not absolute is to be ignored
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string | null {
  const { XDG_CACHE_HOME: cache = "", HOME: home = "", AWS_LAMBDA_FUNCTION_NAME: lambda = "" } = env;
  if (cache.startsWith("/")) return `${cache}/egress-scout`;
  return home.startsWith("/") && lambda === "" ? `${home}/.cache/egress-scout` : null;
}
