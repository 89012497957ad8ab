@echo off
rem sutra.cmd: what ./sutra does, on Windows. sutra up [-d] [--port N] | down | status | demo | model pull|list|verify|rm | verify [--data F] | test [--filter F] | probe
rem   SUTRA_FEED=full|restricted   which package feed to build for, instead of probing
setlocal
cd /d "%~dp0"
set "COMMAND=%~1"
set "CLI=artifacts\bin\Sutra.Cli\release\sutra.dll"
set DOTNET_NOLOGO=1
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set MSBUILDDISABLENODEREUSE=1
if not exist .sutra\logs mkdir .sutra\logs || (echo sutra: cannot write to %CD% 1>&2 & exit /b 1)

where dotnet >nul 2>nul || (echo sutra: the .NET SDK 10 is missing: https://dot.net/download 1>&2 & exit /b 1)
dotnet --version >nul 2>nul || (echo sutra: the .NET SDK 10.0.100 or newer is needed: https://dot.net/download 1>&2 & exit /b 1)

if /i "%COMMAND%"=="down" if not exist %CLI% (echo sutra: not built yet, so not up & exit /b 0)
if /i "%COMMAND%"=="status" if not exist %CLI% (echo sutra: not built yet, so not up & exit /b 1)
if /i "%COMMAND%"=="down" goto run
if /i "%COMMAND%"=="status" goto run

rem --- which packages can be had
if /i "%SUTRA_FEED%"=="full" (call :feed full & goto packages)
if /i "%SUTRA_FEED%"=="restricted" (call :feed restricted & goto packages)
if not "%SUTRA_FEED%"=="" (echo sutra: SUTRA_FEED is '%SUTRA_FEED%'; it must be full or restricted 1>&2 & exit /b 1)
if /i not "%COMMAND%"=="probe" if exist .sutra\feed.props goto packages
dotnet restore eng\feed-probe\feed-probe.csproj -p:PackageFeed=full > .sutra\logs\probe.log 2>&1
if errorlevel 1 (
  call :feed restricted
  echo sutra: package feed: restricted, stand-ins are used for what it lacks; sutra probe looks again
) else (
  call :feed full
  echo sutra: package feed: full, the real packages are used
)
if /i "%COMMAND%"=="probe" exit /b 0

rem --- npm packages: the ONNX Runtime library where NuGet lacks it, and clients for the tests
:packages
set NEEDNODE=
if /i "%COMMAND%"=="test" set NEEDNODE=1
findstr /c:"restricted" .sutra\feed.props >nul && set NEEDNODE=1
if not defined NEEDNODE goto build
fc /b eng\node\package-lock.json eng\node\node_modules\.sutra-lock >nul 2>nul && goto build
where npm >nul 2>nul || (echo sutra: Node.js with npm is missing: https://nodejs.org 1>&2 & exit /b 1)
echo sutra: installing npm packages in eng\node ...
pushd eng\node
call npm ci > ..\..\.sutra\logs\npm.log 2>&1 || (popd & echo sutra: npm ci failed, see .sutra\logs\npm.log 1>&2 & exit /b 1)
popd
copy /y eng\node\package-lock.json eng\node\node_modules\.sutra-lock >nul

:build
set "WHAT=eng\up.slnf"
if /i "%COMMAND%"=="test" set "WHAT=Sutra.sln"
echo sutra: building ...
dotnet build %WHAT% --configuration Release -nologo -nodeReuse:false -verbosity:minimal > .sutra\logs\build.log 2>&1
if errorlevel 1 (
  findstr /r /c:": error " .sutra\logs\build.log 1>&2
  echo sutra: the build failed; the whole log is in .sutra\logs\build.log 1>&2
  exit /b 1
)

:run
if "%COMMAND%"=="" (dotnet %CLI% --help) else (dotnet %CLI% %*)
exit /b %ERRORLEVEL%

:feed
>.sutra\feed.props echo ^<Project^>^<PropertyGroup^>^<PackageFeed^>%1^</PackageFeed^>^</PropertyGroup^>^</Project^>
exit /b 0
