/**
 * Suffixes that many customers share, where the public suffix list does not say so or where too much would hang on its saying so.
 * The rule for getting on the list: the provider's customers get names under it, whoever they are, or reach their own through its
 * front-ends there, so that `*.suffix` is everybody's. A name under it may well be a service's; only the suffix stands for nobody.
 * Facts from the providers' own documentation. Pure.
 */

const families: readonly string[] = [
  // Amazon: buckets, functions, databases, load balancers and machines of all customers, and its own API endpoints among them.
  "amazonaws.com amazonaws.com.cn amazonaws.eu api.aws on.aws sagemaker.aws awsapps.com awsapprunner.com amazoncognito.com",
  "amplifyapp.com awsglobalaccelerator.com cloudfront.net elasticbeanstalk.com",
  // Microsoft. Its sovereign clouds have the same services under roots of their own.
  "blob.core.windows.net dfs.core.windows.net file.core.windows.net queue.core.windows.net table.core.windows.net",
  "web.core.windows.net blob.storage.azure.net database.windows.net servicebus.windows.net search.windows.net",
  "redis.cache.windows.net redis.azure.net kusto.windows.net documents.azure.com cosmos.azure.com database.azure.com",
  "batch.azure.com cloudapp.azure.com cloudapp.net cognitiveservices.azure.com communication.azure.com openai.azure.com",
  "services.ai.azure.com webpubsub.azure.com azconfig.io managedhsm.azure.net vault.azure.net eventgrid.azure.net",
  "azure-api.net azure-devices.net azurecontainer.io azurecontainerapps.io azurecr.io azuredatabricks.net azureedge.net azurefd.net",
  "azurehdinsight.net azuresynapse.net azurestaticapps.net azurewebsites.net azmk8s.io service.signalr.net trafficmanager.net",
  "usgovcloudapi.net chinacloudapi.cn usgovtrafficmanager.net azurewebsites.us",
  "b2clogin.com ciamlogin.com dynamics.com onmicrosoft.com powerappsportals.com sharepoint.com visualstudio.com",
  "a-msedge.net ax-msedge.net b-msedge.net l-msedge.net msedge.net t-msedge.net msn.net",
  // Google.
  "1e100.net appspot.com blogspot.com cloudfunctions.net firebaseapp.com firebasedatabase.app firebaseio.com googleapis.com",
  "googleusercontent.com run.app web.app",
  // Other clouds.
  "aliyuncs.com myhuaweicloud.com myqcloud.com ncloudstorage.com appdomain.cloud bluemix.net",
  "oraclecloud.com oraclecloudapps.com oraclevcn.com customer-oci.com ondemand.com digitaloceanspaces.com ondigitalocean.app",
  "db.ondigitalocean.com backblazeb2.com wasabisys.com linodeobjects.com vultrobjects.com your-objectstorage.com scw.cloud",
  // Content delivery networks: one name for each customer, or one front for all of them.
  "akadns.net akamai.net akamaiedge.net akamaihd.net akamaiorigin.net akamaitechnologies.com akamaized.net edgekey.net edgesuite.net",
  "edgecompute.app fastly.net fastlylb.net b-cdn.net cachefly.net cdn77.org edgecastcdn.net gcdn.co hwcdn.net imgix.net kxcdn.com",
  "llnwd.net cdn.cloudflare.net cloudflarestorage.com pages.dev r2.dev trycloudflare.com workers.dev",
  // Applications, sites and code of whoever signs up.
  "bubbleapps.io deno.dev fly.dev glitch.me herokuapp.com herokudns.com hf.space netlify.app now.sh onrender.com platform.sh",
  "platformsh.site pythonanywhere.com railway.app repl.co replit.app replit.dev streamlit.app surge.sh vercel.app vercel.dev",
  "webflow.io weebly.com wixsite.com wordpress.com wpengine.com squarespace.com github.io githubusercontent.com app.github.dev",
  "gitlab.io gitpod.io cloudhub.io hasura.app",
  // Tunnels, dynamic names, and names that answer with whatever address is written in them.
  "ngrok.app ngrok.dev ngrok.io ngrok-free.app ngrok-free.dev loca.lt serveo.net ts.net ddns.net duckdns.org dyndns.org hopto.org",
  "no-ip.org zapto.org lvh.me nip.io rbndr.us sslip.io traefik.me xip.io",
  // Databases, queues and search as a service.
  "aivencloud.com algolia.net algolianet.com apps.astra.datastax.com clickhouse.cloud cloud.couchbase.com cloud.redislabs.com",
  "cloud.timescale.com cloudamqp.com cockroachlabs.cloud confluent.cloud databricks.com elastic-cloud.com elastic.cloud found.io",
  "mongodb.net mongodb-dev.net neon.tech pinecone.io psdb.cloud redis-cloud.com rlrcp.com snowflakecomputing.com",
  "snowflakecomputing.cn supabase.co supabase.in upstash.io cloud.qdrant.io weaviate.cloud weaviate.network",
  // What is seen of systems: intake and pages of each customer.
  "datadoghq.com datadoghq.eu ddog-gov.com dynatrace.com grafana.net sentry.io splunkcloud.com statuspage.io",
  // Identity.
  "auth0.com okta.com okta-emea.com okta-gov.com oktapreview.com onelogin.com duosecurity.com",
  // Software as a service: one name for each company.
  "force.com my.salesforce.com my.site.com salesforce-sites.com marketingcloudapis.com zendesk.com freshdesk.com freshservice.com",
  "myfreshworks.com service-now.com servicenowservices.com slack.com atlassian.net jira.com bamboohr.com box.com chargebee.com",
  "coupahost.com cybozu.com egnyte.com jfrog.io kintone.com looker.com mybigcommerce.com myshopify.com myvtex.com",
  "myworkdayjobs.com netsuite.com pagerduty.com prismic.io qlikcloud.com recurly.com sanity.io sharefile.com",
  "webex.com zoom.us hs-sites.com",
  // Hosters and access providers: machines and lines, named by whoever rents them.
  "choopa.net colocrossing.com contaboserver.net hostwindsdns.com hvvc.us hwclouds-dns.com kundenserver.de linode.com",
  "linodeusercontent.com networklayer.com onlinehome-server.com onlinehome-server.info open-telekom-cloud.com otc.t-systems.com",
  "ovh.net pbiaas.com poneytelecom.eu quadranet.com secureserver.net sl-reverse.com softlayer.com startdedicated.com",
  "startdedicated.de startdedicated.net hosted-by-vdsina.com hosted-by-vdsina.ru brightbox.com cloud-ips.com vultr.com",
  "vultrusercontent.com your-server.de comcast.net proxad.net rr.com spectrum.com t-ipconnect.de telenet.be verizon.net wanadoo.fr",
];

/**
 * Domains that are no suffix themselves and have one of the public suffix list's private section below them: their wildcard would
 * cover it. The list cannot be asked this question, so they stand here, as tldts 7.5.4 has them.
 */
const aboveSuffixes = [
  "addr.tools amazonwebservices.com.cn amazonwebservices.eu amba.host aseinet.ne.jp atlassian-dev.net axarnet.cloud beebyte.io",
  "beebyteapp.io brendly.ba brendly.hr brendly.rs bubble.io canva.site canvasite.cn cdn77-secure.org cdn77.net cldmail.ru",
  "clever-cloud.com cloudflareanycast.net cloudflarecn.net cloudflareglobal.net cloudlets.com.au cloudplatform.fi cloudscale.ch",
  "code.com contentproxy9.cz cosidns.de crm.dev dappnode.io databricksapps.com databricksapps.us datadetect.com dogado.eu elastx.net",
  "emergentagent.com emf.camp encoway.cloud enscaled.us evennode.com evervault.app evervault.dev fbsbx.com fedoraproject.org",
  "fin-ncloudstorage.com flow.ch forgerock.io funkfeuer.at gov-ncloudstorage.com grok.bot her.name his.name hooc.me",
  "hosted-by-previder.com hosteur.com hrsn.net hs-heilbronn.de ik-server.com interhostsolutions.be jelastic.cloud jelastic.com",
  "jenv-aruba.cloud k2.cloud kuleuven.be lair.io layershift.co.uk localcert.dev massivegrid.com massivegrid.net metacentrum.cz",
  "muni.cz mynetname.net mythic-beasts.com nabu.casa ncloud.com ncpstorage.com neen.it nftstorage.link nodeart.io nospamproxy.com",
  "objectstorage.ch observableusercontent.com onstackit.cloud ortsinfo.at party.eus ply.gg prgmr.com project-study.com",
  "quickconnect.cn quickconnect.to rb-hosting.io rdpa.co reclaim.cloud render.com repost.aws resinstaging.io retrosnub.co.uk rit.edu",
  "sagemaker.com.cn sakurastorage.jp saveincloud.net scaleforce.com.cy scaleforce.net scrypted.io spawn.cc speedpartner.de srcf.net",
  "storacha.link storage.dev storageapi.dev tawk.email tawkto.email tb-hosting.com teckids.org thingdust.io transip.me",
  "trendhosting.cloud typeform.com w3s.link wafaicloud.com webaccel.jp wiardweb.com",
];

const words = (lines: readonly string[]): string[] => lines.flatMap((line) => line.split(" "));

const shared: ReadonlySet<string> = new Set(words(families));
const above: ReadonlySet<string> = new Set([...words(families).flatMap(parents), ...words(aboveSuffixes)]);

/** The name's own parents, nearest first, down to two labels. */
function parents(name: string): string[] {
  const labels = name.split(".");
  return labels.slice(1, -1).map((_, index) => labels.slice(index + 1).join("."));
}

/** The shared suffix that a canonical host name is or is under, the longest one; null where it is under none. Throws nothing. */
export function sharedSuffix(host: string): string | null {
  return [host, ...parents(host)].find((name) => shared.has(name)) ?? null;
}

/** Does a shared suffix lie below the canonical name, so that its wildcard would cover strangers? */
export function isAboveShared(name: string): boolean {
  return above.has(name);
}
