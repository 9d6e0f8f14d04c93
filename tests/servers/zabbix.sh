#!/usr/bin/env bash
# Zabbix 6.0 (Debian: zabbix-server-pgsql zabbix-frontend-php) on loopback with a PostgreSQL of its own; its JSON-RPC API
# is served by PHP's built-in web server.
# API tokens of Admin (super administrator) and of the plain users oncall (Olga Oncall) and dirk (Dirk Helper), who may
# read and write the host group "Prod servers"; in it the host db1.example.net, whose values are sent to TRAPPER_PORT.
NAME=zabbix
HERE="$(dirname "$(readlink -f "$0")")"
. "$HERE/common.sh"
. "$HERE/postgres.sh"

do_install() { apt_install zabbix-server-pgsql zabbix-frontend-php php8.2-cgi php8.2-cli php-pgsql postgresql curl; }

import_schema() {
  local from=/usr/share/zabbix-server-pgsql
  { zcat $from/schema.sql.gz; echo 'BEGIN;'; zcat $from/images.sql.gz; echo 'COMMIT;'; zcat $from/data.sql.gz; } \
    | "$PGBIN/psql" -qX -v ON_ERROR_STOP=1 >"$DIR/log/import.log" 2>&1 || { tail -n 5 "$DIR/log/import.log" >&2; die "schema import failed"; }
  touch "$DIR/imported"
}

web_tree() { # Debian's frontend has its configuration's place built in
  cp -a --no-preserve=ownership /usr/share/zabbix "$DIR/web"
  sed -i "s#'/etc/zabbix/zabbix.conf.php'#'$DIR/zabbix.conf.php'#" "$DIR/web/include/classes/core/CConfigFile.php"
}

set_up() { # users, tokens and a host, through the API
  cat >"$DIR/setup.php" <<'PHP'
<?php
function rpc($method, $params) { global $auth;
  $call = ['jsonrpc' => '2.0', 'method' => $method, 'params' => $params, 'id' => 1] + ($auth ? ['auth' => $auth] : []);
  $http = ['method' => 'POST', 'header' => "Content-Type: application/json-rpc\r\n", 'content' => json_encode($call), 'timeout' => 60];
  $told = json_decode(file_get_contents(getenv('API'), false, stream_context_create(['http' => $http])), true);
  if (!isset($told['result'])) { fwrite(STDERR, "$method: ".json_encode($told)."\n"); exit(1); }
  return $told['result']; }
function token($userid) {
  [$id] = rpc('token.create', ['name' => 'it', 'userid' => $userid])['tokenids'];
  return rpc('token.generate', [$id])[0]['token']; }
$auth = null; $auth = rpc('user.login', ['user' => 'Admin', 'password' => 'zabbix']);
[$group] = rpc('hostgroup.create', ['name' => 'Prod servers'])['groupids'];
[$rights] = rpc('usergroup.create', ['name' => 'On-call', 'rights' => [['id' => $group, 'permission' => 3]]])['usrgrpids'];
echo 'TOKEN_ADMIN='.token('1')."\n";
foreach ([['oncall', 'Olga', 'Oncall'], ['dirk', 'Dirk', 'Helper']] as [$login, $first, $last]) {
  [$user] = rpc('user.create', ['username' => $login, 'name' => $first, 'surname' => $last, 'passwd' => 'Secret-pass-1', 'roleid' => '1', 'usrgrps' => [['usrgrpid' => $rights]]])['userids'];
  echo 'TOKEN_'.strtoupper($login).'='.token($user)."\n"; }
[$host] = rpc('host.create', ['host' => 'db1.example.net', 'name' => 'db1 (café)', 'groups' => [['groupid' => $group]]])['hostids'];
echo "HOST_ID=$host\n";
PHP
  API=$1 php "$DIR/setup.php" >"$DIR/tokens.tmp" && mv "$DIR/tokens.tmp" "$DIR/tokens"
}

do_start() {
  local tp api="http://127.0.0.1:$PORT/api_jsonrpc.php"
  pg_start zabbix
  [ -f "$DIR/imported" ] || import_schema
  [ -d "$DIR/web" ] || web_tree
  tp=$(free_port)
  cat >"$DIR/zabbix.conf.php" <<PHP
<?php
\$DB = ['TYPE' => 'POSTGRESQL', 'SERVER' => '127.0.0.1', 'PORT' => '$PGPORT', 'DATABASE' => 'zabbix', 'USER' => 'it', 'PASSWORD' => '',
  'SCHEMA' => '', 'ENCRYPTION' => false, 'KEY_FILE' => '', 'CERT_FILE' => '', 'CA_FILE' => '', 'VERIFY_HOST' => false, 'CIPHER_LIST' => '',
  'VAULT_URL' => '', 'VAULT_DB_PATH' => '', 'VAULT_TOKEN' => '', 'DOUBLE_IEEE754' => true];
\$ZBX_SERVER = '127.0.0.1'; \$ZBX_SERVER_PORT = '$tp'; \$ZBX_SERVER_NAME = 'it'; \$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
PHP
  cat >"$DIR/zabbix_server.conf" <<CONF
ListenIP=127.0.0.1
ListenPort=$tp
LogType=console
PidFile=$DIR/run/zabbix_server.lock
SocketDir=$DIR/run
DBHost=127.0.0.1
DBPort=$PGPORT
DBName=zabbix
DBUser=it
DBPassword=
AllowRoot=1
CacheUpdateFrequency=1
StartPollers=1
StartPollersUnreachable=1
StartPingers=0
StartDiscoverers=0
StartHTTPPollers=0
StartPreprocessors=1
StartDBSyncers=1
StartTrappers=2
StartTimers=1
StartEscalators=1
StartAlerters=1
StartLLDProcessors=1
StartHistoryPollers=1
HousekeepingFrequency=0
CONF
  launch zabbix_server zabbix_server -f -c "$DIR/zabbix_server.conf"
  PHP_CLI_SERVER_WORKERS=4 launch php php -d max_execution_time=300 -d max_input_time=300 -d post_max_size=16M -d memory_limit=256M \
    -d date.timezone=UTC -d display_errors=0 -S "127.0.0.1:$PORT" -t "$DIR/web"
  wait_for 60 php curl -fsS --max-time 20 -H 'Content-Type: application/json' "$api" \
    -d '{"jsonrpc":"2.0","method":"apiinfo.version","params":[],"id":1}'
  [ -f "$DIR/tokens" ] || set_up "$api" || die "API setup failed"
  { echo "URL=http://127.0.0.1:$PORT"; echo "TRAPPER_PORT=$tp"; cat "$DIR/tokens"; } >"$DIR/env"
  wait_for 60 zabbix_server bash -c "exec 3<>/dev/tcp/127.0.0.1/$tp"
}

do_stop() { halt php TERM 5; halt zabbix_server TERM 20; pg_stop; }

main "$@"
